import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	truncateSync,
	watch,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { inspect } from "node:util";
import { decodeIdentityKeys, type IdentityKeys } from "../identity/identity-keys.ts";
import { loadOrMakeSecrets } from "./secrets.ts";

const IDENTITY_KEY_FILE = "identity-keys.pem";
const ALL_FILES = ["api.key", IDENTITY_KEY_FILE, "issuer.key", "token.key"];

const root = mkdtempSync(join(tmpdir(), "openimds-keys-"));
after(() => rmSync(root, { recursive: true }));

async function loadOrCreateIdentityKeys(folder: string): Promise<IdentityKeys> {
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	return (await loadOrMakeSecrets(folder)).identityKeys;
}

/** A folder that does not exist yet, and the path of its key file. */
function place(name: string): { folder: string; file: string } {
	const folder = join(root, name);
	return { folder, file: join(folder, IDENTITY_KEY_FILE) };
}

test("the first start makes a set that only its owner can read, the next one finds it", async () => {
	const { folder, file } = place("new/state");
	const made = await loadOrCreateIdentityKeys(folder);
	assert.equal(statSync(file).mode & 0o777, 0o600);
	assert.equal(statSync(folder).mode & 0o777, 0o700);
	assert.deepEqual(readdirSync(folder).sort(), ALL_FILES);
	const written = readFileSync(file);
	const found = await loadOrCreateIdentityKeys(folder);
	for (const name of ["signature", "pkcs7", "rsa2048"] as const) {
		assert.equal(found[name]?.certificate.toString(), made[name]?.certificate.toString());
		assert.ok(made[name]?.privateKey.equals(found[name]!.privateKey));
	}
	assert.deepEqual(readFileSync(file), written);
});

test("a wide umask does not widen the file's mode", async () => {
	const before = process.umask(0);
	try {
		const { folder, file } = place("umask");
		await loadOrCreateIdentityKeys(folder);
		assert.equal(statSync(file).mode & 0o777, 0o600);
	} finally {
		process.umask(before);
	}
});

test("starts at the same time agree on one set", async () => {
	const { folder } = place("race");
	const sets = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateIdentityKeys(folder)));
	assert.equal(new Set(sets.map((set) => set.rsa2048.certificate.fingerprint256)).size, 1);
	assert.deepEqual(readdirSync(folder).sort(), ALL_FILES);
});

test("a start that is killed while it writes leaves no file or a whole one", async () => {
	const { folder, file } = place("killed");
	mkdirSync(folder);
	const module = JSON.stringify(new URL("secrets.ts", import.meta.url).href);
	const program = `(await import(${module})).loadOrMakeSecrets(${JSON.stringify(folder)})`;
	const child = spawn(process.execPath, ["--input-type=module", "-e", `await ${program}`]);
	const watcher = watch(folder, () => child.kill("SIGKILL")); // at the first sign of the draft
	await once(child, "exit");
	watcher.close();
	if (existsSync(file)) await decodeIdentityKeys(readFileSync(file, "utf8"));
	assert.ok((await loadOrCreateIdentityKeys(folder)).rsa2048);
});

test("the draft that a crash left behind is not taken for the file", async () => {
	const { folder, file } = place("crashed");
	mkdirSync(folder);
	writeFileSync(`${file}.0123456789ab.tmp`, "half a k");
	assert.ok((await loadOrCreateIdentityKeys(folder)).rsa2048);
});

test("a damaged file is refused with a sentence that names it, and left alone", async () => {
	const { folder, file } = place("damaged");
	await loadOrCreateIdentityKeys(folder);
	const whole = readFileSync(file, "utf8");
	const damages = [
		() => truncateSync(file, whole.length - 1),
		() => truncateSync(file, 1000),
		() => truncateSync(file, 0),
		() => writeFileSync(file, whole.replace("M", "N")),
		() => writeFileSync(file, "not keys at all"),
		() => writeFileSync(file, Buffer.alloc(4096)),
	];
	const privateLine = whole.split("\n")[4] ?? "";
	for (const damage of damages) {
		writeFileSync(file, whole);
		damage();
		const left = readFileSync(file);
		await assert.rejects(loadOrCreateIdentityKeys(folder), (error) => {
			assert.ok(error instanceof Error);
			assert.equal(
				error.message,
				`${file} does not hold a usable set of identity keys (its checksum does not fit its content). ` +
					"Bring it back from a backup, or delete it to have a new one made.",
			);
			assert.ok(!inspect(error, { depth: 9 }).includes(privateLine));
			return true;
		});
		assert.deepEqual(readFileSync(file), left);
	}
});

test("a file that cannot be read is an error and not a reason for new keys", async () => {
	const { folder, file } = place("unreadable");
	mkdirSync(file, { recursive: true });
	await assert.rejects(loadOrCreateIdentityKeys(folder), { code: "EISDIR" });
});

test("a damaged token or issuer secret is refused in the same way", async () => {
	const { folder } = place("damaged-secrets");
	await loadOrCreateIdentityKeys(folder);
	for (const name of ["token.key", "issuer.key"]) {
		const file = join(folder, name);
		const whole = readFileSync(file, "utf8");
		for (const text of ["", whole.slice(1), `${whole}${whole}`, whole.trimEnd()]) {
			writeFileSync(file, text);
			await assert.rejects(loadOrMakeSecrets(folder), { message: new RegExp(`^${file} does not hold a secret of 32 bytes`) });
			assert.equal(readFileSync(file, "utf8"), text);
		}
		writeFileSync(file, whole);
	}
});
