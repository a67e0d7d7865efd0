/** `openimds exec --isolated`: EC2's own addresses in a network namespace, for root and for those who are not. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { CONFIGURATION, FLEET } from "./fleet.ts";
import { startService, temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";
import { execLine, ORDINARY, type Outcome, ROOT, SELF, start, type User } from "./as-user.ts";

const aws = requireTool("aws");
const curl = requireTool("curl");
const pasta = requireTool("pasta");
const tcpdump = requireTool("tcpdump");

const exec = (t: TestContext, user: User, args: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> => {
	const { child, outcome } = start(t, execLine("--isolated", ...args), { user, environment });
	child.stdin.end();
	return outcome;
};
const shell = (script: string) => ["--", "sh", "-c", script];
const ASK = "curl -s http://169.254.169.254/latest/meta-data";
const TOKEN = `token=$(curl -s -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token)`;
const WITH_TOKEN = `-H "X-aws-ec2-metadata-token: $token"`;

/** curl's exit code alone: the connection was closed (52), or was before it had sent all (56). */
const NO_ANSWER = /^5[26]\n$/;

for (const user of [ORDINARY, ROOT]) {
	test(`as ${user.name}: EC2's addresses answer`, { skip: user.skip || curl.skip }, async (t) => {
		const { code, stdout } = await exec(t, user, shell(`${ASK}/ && echo && curl -s "http://[fd00:ec2::254]/latest/meta-data/instance-id"`));
		assert.equal(code, 0);
		assert.match(stdout, /^ami-id\n(.*\n)+tags\/\ni-[0-9a-f]{17}$/);
	});

	test(`as ${user.name}: tokens can be needed`, { skip: user.skip || curl.skip }, async (t) => {
		const script = `${ASK}/mac -o /dev/null -w '%{http_code} '; ${TOKEN}; ${ASK}/mac ${WITH_TOKEN}`;
		assert.match((await exec(t, user, ["--http-tokens", "required", ...shell(script)])).stdout, /^401 [0-9a-f:]{17}$/);
	});

	test(
		`as ${user.name}: the AWS CLI signs with the role's credentials`,
		{ skip: user.skip || aws.skip || curl.skip || pasta.skip },
		async (t) => {
			const sts = await startSts(t);
			const asked = `${aws.path} sts get-caller-identity --query Account --output text --endpoint-url ${sts.url}`;
			// As the AWS CLI asks: credentials tell by which version of the service they were handed out.
			const credentials = `${TOKEN} && ${ASK}/iam/security-credentials/some-role ${WITH_TOKEN}`;
			const { code, stdout, stderr } = await exec(t, user, ["--role", "some-role", ...shell(`${asked} && ${credentials}`)]);
			assert.deepEqual([code, stderr], [0, ""]);
			const [account, ...json] = stdout.split("\n");
			const { AccessKeyId, Token } = JSON.parse(json.join("\n")) as Record<string, string>;
			assert.equal(account, "123456789012");
			const [request] = sts.requests;
			assert.ok(request?.authorization?.startsWith(`AWS4-HMAC-SHA256 Credential=${AccessKeyId}/`), request?.authorization);
			assert.match(request?.authorization ?? "", /\/us-east-1\/sts\/aws4_request/);
			assert.equal(request?.token, Token);
		},
	);

	test(`as ${user.name}: the program has its user's id, rights and descriptors, and no more`, { skip: user.skip }, async (t) => {
		const script = "id -u; id -g; grep -E '^(Cap(Inh|Prm|Eff|Amb)|Sig(Blk|Ign)):' /proc/self/status; ls /proc/self/fd";
		const { child, outcome } = start(t, ["sh", "-c", script], { user });
		child.stdin.end();
		const inside = await exec(t, user, shell(script));
		assert.equal(inside.stdout, (await outcome).stdout);
		assert.equal(inside.code, 0);
	});
}

test("the environment is the caller's but for the endpoint that it names", { skip: ORDINARY.skip }, async (t) => {
	const environment = {
		AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1/",
		AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv6",
		LIKE: "a=b",
	};
	const { stdout } = await exec(t, ORDINARY, ["--", "env"], environment);
	const names = stdout
		.trimEnd()
		.split("\n")
		.map((line) => line.split("=")[0] ?? "");
	assert.deepEqual(names.filter((name) => name !== "PWD" && name !== "_").toSorted(), ["HOME", "LIKE", "PATH"]);
});

test("the exit code is the program's, or tells why there is none", { skip: ORDINARY.skip }, async (t) => {
	assert.equal((await exec(t, ORDINARY, shell("exit 7"))).code, 7);
	assert.equal((await exec(t, ORDINARY, shell("kill -KILL $$"))).signal, "SIGKILL");
	const missing = await exec(t, ORDINARY, ["--", "no-such-program"]);
	assert.deepEqual([missing.code, missing.stderr], [127, "openimds: There is no program no-such-program.\n"]);
	assert.equal((await exec(t, ORDINARY, ["--", "/etc/passwd"])).code, 126);
	const { child, outcome } = start(t, ["sh", "-c", '"$@"; echo $?', "sh", ...execLine("--isolated", ...shell("kill -KILL $$"))], {
		user: ORDINARY,
	});
	child.stdin.end();
	assert.equal((await outcome).stdout, "137\n");
});

test("standard streams are the program's, and a pipe that is closed ends it", { skip: ORDINARY.skip }, async (t) => {
	const { child, outcome } = start(t, execLine("--isolated", ...shell("cat; yes | head -n 1")), { user: ORDINARY });
	const text = "0123456789abcdef".repeat(65_536);
	child.stdin.end(text);
	assert.equal((await outcome).stdout, `${text}y\n`);
});

test("instances of a running service are asked through a relay", { skip: ORDINARY.skip || curl.skip }, async (t) => {
	const service = await startService(t, { configuration: CONFIGURATION });
	const on = (id: string, script: string) => exec(t, SELF, ["--data-dir", service.dataDir, "--instance", id, ...shell(script)]);
	assert.equal((await on(FLEET.plain, `${ASK}/instance-id`)).stdout, FLEET.plain);
	const withToken = `${TOKEN}; ${ASK}/instance-id ${WITH_TOKEN}; echo; ${ASK}/mac -o /dev/null -w '%{http_code}'`;
	assert.equal((await on(FLEET.tokens, withToken)).stdout, `${FLEET.tokens}\n401`);
	assert.match((await on(FLEET.plain, 'curl -s "http://[fd00:ec2::254]/"; echo $?')).stdout, NO_ANSWER);
	await service.stop();
	assert.equal((await on(FLEET.plain, "true")).code, 125);
});

test(
	"the hop limit is the instance's once a token was asked for, through a relay too",
	{ skip: ROOT.skip || curl.skip || tcpdump.skip },
	async (t) => {
		const service = await startService(t, { configuration: CONFIGURATION });
		const relayed = ["--data-dir", service.dataDir, "--instance", FLEET.tokens];
		assert.deepEqual(await hopLimits(t, relayed), { get: "64", put: "2" });
		assert.deepEqual(await hopLimits(t, ["--ephemeral"]), { get: "64", put: "1" });
	},
);

test("a system that makes no namespaces is told about", { skip: ORDINARY.skip }, async (t) => {
	// The bound is a user namespace's own: nobody else's is changed.
	const bounded = [
		"unshare",
		"--user",
		"--map-root-user",
		"sh",
		"-euc",
		'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all --inh-caps=-all -- "$@"',
		"sh",
	];
	const { child, outcome } = start(t, [...bounded, ...execLine("--isolated", "--", "echo", "never")], { user: ORDINARY });
	child.stdin.end();
	const { code, stdout, stderr } = await outcome;
	assert.deepEqual({ code, stdout }, { code: 125, stdout: "" });
	assert.match(
		stderr,
		/^openimds: This system gives root no network namespace \(unshare: .*\)\. As root: "sysctl user\.max_user_namespaces=10000"; or leave out --isolated\.\n$/,
	);
});

test("without pasta there are the metadata addresses, and a line that says so", { skip: ORDINARY.skip || curl.skip }, async (t) => {
	const folder = temporaryFolder(t);
	for (const name of ["cat", "curl", "env", "ip", "setpriv", "sh", "unshare"]) symlinkSync(await placeOf(t, name), join(folder, name));
	const { stdout, stderr } = await exec(t, SELF, shell("ip -brief link; curl -s http://169.254.169.254/"), { PATH: folder });
	assert.match(stdout, /^lo .*\n1\.0\n/);
	assert.equal(stdout.match(/^\w+ .*(UP|UNKNOWN)/gm)?.length, 1);
	assert.equal(
		stderr,
		'openimds: There is nothing of the network inside but the metadata addresses: pasta is not installed (Debian: "apt-get install passt").\n',
	);
});

test("a name server on the host's loopback is asked", { skip: ROOT.skip || pasta.skip }, async (t) => {
	const address = "127.53.53.53";
	const nameServer = createSocket("udp4").bind(53, address);
	t.after(() => nameServer.close());
	nameServer.on("message", (query, from) => nameServer.send(addressAnswer(query), from.port, from.address));
	await once(nameServer, "listening");
	const folder = temporaryFolder(t);
	writeFileSync(join(folder, "resolv.conf"), `nameserver ${address}\n`);
	const bound = ["unshare", "--mount", "sh", "-euc", `mount --bind ${folder}/resolv.conf /etc/resolv.conf; exec "$@"`, "sh"];
	const { child, outcome } = start(t, [...bound, ...execLine("--isolated", "--", "getent", "ahostsv4", "name.example")], { user: ROOT });
	child.stdin.end();
	assert.match((await outcome).stdout, /^192\.0\.2\.77 +STREAM name\.example\n/);
});

test("a configuration file's instance answers on IPv6 only if it may", { skip: ORDINARY.skip || curl.skip }, async (t) => {
	const file = join(temporaryFolder(t), "openimds.yaml");
	writeFileSync(file, "instances: [{ instanceId: i-0000000a }]");
	const script = `${ASK}/instance-id; curl -s "http://[fd00:ec2::254]/"; echo " $?"`;
	assert.match((await exec(t, SELF, ["--config", file, ...shell(script)])).stdout, /^i-0000000a 5[26]\n$/);
});

/** A service that answers as STS does, and keeps what it was asked with. */
async function startSts(t: TestContext) {
	const requests: { authorization: string | undefined; token: string | undefined }[] = [];
	const server = createServer((request, response) => {
		const token = request.headers["x-amz-security-token"];
		requests.push({ authorization: request.headers.authorization, token: [token].flat()[0] });
		const result =
			"<Arn>arn:aws:sts::123456789012:assumed-role/some-role/i-1</Arn><UserId>AROA:i-1</UserId><Account>123456789012</Account>";
		response.setHeader("content-type", "text/xml");
		response.end(
			`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult></GetCallerIdentityResponse>`,
		);
	}).listen(0, "127.0.0.1");
	t.after(() => server.close());
	await once(server, "listening");
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** The IP TTLs of what answers a GET, and a PUT. */
async function hopLimits(t: TestContext, flags: readonly string[]) {
	const captured = (ask: string) => `
		${tcpdump.path} -l -n -v -i lo -c 1 "tcp src port 80 and tcp[tcpflags] & tcp-push != 0" >"$HOME/packet" 2>"$HOME/progress" &
		tcpdump=$!
		tail -n +1 -f --pid=$tcpdump "$HOME/progress" | grep -q "listening on"
		# It may say so a moment too early: asked until it has seen an answer.
		while kill -0 $tcpdump 2>/dev/null; do ${ask} >/dev/null; done
		grep -o "ttl [0-9]*" "$HOME/packet"`;
	const get = await exec(t, ROOT, [...flags, ...shell(captured("curl -s http://169.254.169.254/"))]);
	const put = await exec(t, ROOT, [...flags, ...shell(captured(TOKEN))]);
	return { get: get.stdout.trim().replace("ttl ", ""), put: put.stdout.trim().replace("ttl ", "") };
}

async function placeOf(t: TestContext, name: string): Promise<string> {
	const { child, outcome } = start(t, ["sh", "-c", `command -v ${name}`], { user: SELF });
	child.stdin.end();
	return (await outcome).stdout.trim();
}

/** What a name server says who has one address for every name: 192.0.2.77. */
function addressAnswer(query: Buffer): Buffer {
	const questionEnd = query.indexOf(0, 12) + 5;
	const answer = Buffer.concat([query.subarray(0, questionEnd), Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 77])]);
	answer.writeUInt16BE(0x8180, 2);
	for (const [count, at] of [
		[1, 6],
		[0, 8],
		[0, 10],
	] as const)
		answer.writeUInt16BE(count, at);
	return answer;
}
