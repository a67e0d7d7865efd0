import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test, type TestContext } from "node:test";
import { firstStart } from "../config/first-start.ts";
import { plan } from "../config/plan.ts";
import { Endpoint } from "../endpoint/endpoint.ts";
import { createIdentityKeys } from "../identity/identity-keys.ts";
import { CredentialIssuer } from "../identity/role-credentials.ts";
import { Replica } from "../replica/replica.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { TokenAuthority } from "../token/token-authority.ts";
import { Listeners } from "./listeners.ts";
import { OwnAddresses } from "./own-addresses.ts";
import { carryOut } from "./records.ts";

const ANYWHERE = { listen: [{ place: { host: "127.0.0.1", port: 0 } }] };
const NO_ADDRESSES = new OwnAddresses("/nonexistent/record.json");

test("changes that come while a listener is being opened do not open it twice", async (t) => {
	const { endpoint, replica } = await oneInstance(t);
	const listen = t.mock.method(endpoint, "listen");
	const listeners = new Listeners({ endpoint, replica, asked: ANYWHERE, ownAddresses: NO_ADDRESSES });
	await Promise.all([listeners.reconcile(), listeners.reconcile(), listeners.reconcile()]);
	assert.equal(listen.mock.callCount(), 1);
	assert.equal(listeners.status().length, 1);
});

test("a listener that can't be bound does not keep a later change from being carried out", async (t) => {
	const { endpoint, replica } = await oneInstance(t);
	const listen = t.mock.method(endpoint, "listen");
	listen.mock.mockImplementationOnce(() => Promise.reject(Object.assign(new Error("in use"), { code: "EADDRINUSE" })));
	const listeners = new Listeners({ endpoint, replica, asked: ANYWHERE, ownAddresses: NO_ADDRESSES });
	await assert.rejects(listeners.reconcile(), /Can't listen on 127\.0\.0\.1:0: another program listens there/);
	await listeners.reconcile();
	assert.equal(listeners.status().length, 1);
});

async function oneInstance(t: TestContext): Promise<{ endpoint: Endpoint; replica: Replica }> {
	const store = await openSqliteStore({ path: ":memory:" });
	await carryOut(store, (records) => plan(firstStart("i-0aa"), records, "first-start", Date.now()));
	const replica = new Replica({ identityKeys: await createIdentityKeys(), issuer: new CredentialIssuer(randomBytes(32)) });
	await replica.follow(store, assert.ifError);
	const endpoint = new Endpoint({ authority: new TokenAuthority(randomBytes(32)) });
	t.after(async () => {
		replica.stop();
		await endpoint.drain(0);
		await store.close();
	});
	return { endpoint, replica };
}
