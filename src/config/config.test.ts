import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Flags, readConfig, SettingError } from "./config.ts";

const read = (flags: Flags = {}, environment: Record<string, string> = {}) =>
	readConfig(flags, { environment, homeDir: "/home/me", workingDir: "/work" });

test("without a word, everything has its default", () => {
	const config = read();
	assert.deepEqual(config, {
		dataDir: "/home/me/.local/share/openimds",
		ephemeral: false,
		watch: false,
		endpointListen: [{ place: { host: "127.0.0.1", port: 1338 } }],
		defaultListener: true,
		proxyPeers: [],
		logLevel: "info",
		apiListen: { host: "127.0.0.1", port: 1339 },
		apiStrict: false,
		launchEndpoint: { host: "127.0.0.1", firstPort: 20_000, lastPort: 29_999 },
		transitionDelayMs: 200,
		browserGuard: true,
		metrics: true,
		attribution: true,
		limits: {},
	});
	assert.ok(Object.isFrozen(config));
});

test("the data folder is under XDG_DATA_HOME, where that is absolute", () => {
	assert.equal(read({}, { XDG_DATA_HOME: "/data" }).dataDir, "/data/openimds");
	assert.equal(read({}, { XDG_DATA_HOME: "data" }).dataDir, "/home/me/.local/share/openimds");
	assert.equal(read({ dataDir: "here" }, { XDG_DATA_HOME: "/data" }).dataDir, "/work/here");
});

test("every setting can be given by a flag or a variable", () => {
	const expected = {
		dataDir: "/work/data",
		ephemeral: false,
		configFile: "/work/openimds.yaml",
		watch: true,
		endpointListen: [{ place: { host: "127.0.0.1", port: 0 }, whose: { instanceId: "i-1" } }, { place: { host: "::1", port: 80 } }],
		defaultListener: false,
		linkLocal: { interfaces: ["br0", "tap0"] },
		proxyPeers: ["10.0.0.1", "fd00::/64"],
		logLevel: "debug",
		apiListen: { host: "::1", port: 0 },
		apiStrict: true,
		launchEndpoint: { host: "127.0.0.2", firstPort: 80, lastPort: 80 },
		transitionDelayMs: 0,
		browserGuard: false,
		metrics: true,
		attribution: false,
		metricsListen: { host: "127.0.0.1", port: 9100 },
		limits: { maxConnections: 10, maxConnectionsPerCaller: 5, requestRate: "ec2" },
	};
	const flags: Flags = {
		dataDir: "data",
		config: "openimds.yaml",
		watch: true,
		endpointListen: ["127.0.0.1:0=i-1", "[::1]:80"],
		logLevel: "debug",
		apiListen: "[::1]:0",
		apiStrict: true,
		launchEndpoint: "127.0.0.2:80-80",
		transitionDelayMs: "0",
		browserGuard: false,
		metrics: true,
		attribution: false,
		metricsListen: "127.0.0.1:9100",
		maxConnections: "10",
		maxConnectionsPerCaller: "5",
		linkLocalInterface: ["br0", "tap0"],
		proxyPeer: ["10.0.0.1", "FD00::/64"],
		requestRate: "ec2",
	};
	const environment = {
		OPENIMDS_DATA_DIR: "data",
		OPENIMDS_EPHEMERAL: "0",
		OPENIMDS_CONFIG: "openimds.yaml",
		OPENIMDS_WATCH: "true",
		OPENIMDS_ENDPOINT_LISTEN: "127.0.0.1:0=i-1, [::1]:80",
		OPENIMDS_LOG_LEVEL: "debug",
		OPENIMDS_API_LISTEN: "[::1]:0",
		OPENIMDS_API_STRICT: "1",
		OPENIMDS_LAUNCH_ENDPOINT: "127.0.0.2:80-80",
		OPENIMDS_TRANSITION_DELAY_MS: "0",
		OPENIMDS_BROWSER_GUARD: "false",
		OPENIMDS_METRICS: "true",
		OPENIMDS_ATTRIBUTION: "0",
		OPENIMDS_METRICS_LISTEN: "127.0.0.1:9100",
		OPENIMDS_MAX_CONNECTIONS: "10",
		OPENIMDS_MAX_CONNECTIONS_PER_CALLER: "5",
		OPENIMDS_LINK_LOCAL_INTERFACE: "br0, tap0",
		OPENIMDS_PROXY_PEER: "10.0.0.1,FD00::/64",
		OPENIMDS_REQUEST_RATE: "ec2",
	};
	assert.deepEqual(read(flags), expected);
	assert.deepEqual(read({}, environment), expected);
});

test("a flag wins over its variable, and an empty variable is none", () => {
	assert.equal(read({ logLevel: "warn" }, { OPENIMDS_LOG_LEVEL: "nonsense" }).logLevel, "warn");
	assert.equal(read({ watch: false }, { OPENIMDS_WATCH: "true" }).watch, false);
	assert.equal(read({ ephemeral: true }, { OPENIMDS_DATA_DIR: "/data" }).ephemeral, true);
	assert.deepEqual(read({}, { OPENIMDS_CONFIG: "", OPENIMDS_WATCH: "" }), read());
});

test("the APIs can be off, and instances that they launch be told by bindings", () => {
	assert.equal(read({ apiListen: "off" }).apiListen, undefined);
	assert.equal(read({ metricsListen: "off" }).metricsListen, undefined);
	assert.deepEqual(read({ launchEndpoint: "bindings" }).launchEndpoint, { boundAt: {} });
	assert.deepEqual(read({ launchEndpoint: "interface=br0" }).launchEndpoint, { boundAt: { interface: "br0" } });
});

test("what Kubernetes sets for a service called openimds is no setting", () => {
	assert.deepEqual(read({}, { OPENIMDS_PORT: "tcp://10.0.0.1:80", OPENIMDS_SERVICE_HOST: "10.0.0.1", OPENIMDS_PORT_80_TCP: "x" }), read());
});

test("what is not allowed is refused with its name, its value and what is allowed", () => {
	const refused: readonly (readonly [flags: Flags, environment: Record<string, string>, setting: string, message: RegExp])[] = [
		[
			{ endpointListen: ["127.0.0.1"] },
			{},
			"--endpoint-listen",
			/^--endpoint-listen: "127\.0\.0\.1" is not allowed; allowed: HOST:PORT; .*=INSTANCE_ID or =bindings$/,
		],
		[
			{ endpointListen: ["localhost:80", "127.0.0.1:80"] },
			{},
			"--endpoint-listen",
			/^--endpoint-listen: 127\.0\.0\.1:80 is taken by localhost:80; allowed: another port/,
		],
		[{}, { OPENIMDS_ENDPOINT_LISTEN: "127.0.0.1:1," }, "OPENIMDS_ENDPOINT_LISTEN", /"" is not allowed; allowed: HOST:PORT/],
		[{ logLevel: "loud" }, {}, "--log-level", /"loud" is not allowed; allowed: trace, debug, info, warn, error, fatal, silent$/],
		[{}, { OPENIMDS_EPHEMERAL: "yes" }, "OPENIMDS_EPHEMERAL", /"yes" is not allowed; allowed: true, false, 1, 0$/],
		[{ maxConnections: "0" }, {}, "--max-connections", /"0" is not allowed; allowed: a whole number from 1 to 1000000$/],
		[{ maxConnectionsPerCaller: "1.5" }, {}, "--max-connections-per-caller", /"1\.5" is not allowed/],
		[{ requestRate: "fast" }, {}, "--request-rate", /"fast" is not allowed; allowed: ec2, or a whole number from 1 to 1000000$/],
		[
			{ linkLocalInterface: ["br0", "a/b"] },
			{},
			"--link-local-interface",
			/"a\/b" is not allowed; allowed: the name of a network interface/,
		],
		[{ linkLocalInterface: ["br0"] }, { OPENIMDS_LINK_LOCAL: "0" }, "--link-local-interface", /but OPENIMDS_LINK_LOCAL is off$/],
		[{ proxyPeer: ["10.0.0.1/24"] }, {}, "--proxy-peer", /"10\.0\.0\.1\/24" is not allowed; allowed: an IP address, or a block/],
		[{ apiListen: "unix:/run/api.sock" }, {}, "--api-listen", /"unix:\/run\/api\.sock" is not allowed; allowed: HOST:PORT .*, or off$/],
		[{}, { OPENIMDS_API_LISTEN: "127.0.0.1:1339=i-1" }, "OPENIMDS_API_LISTEN", /allowed: HOST:PORT with an IP address/],
		[{ launchEndpoint: "127.0.0.1:0-9" }, {}, "--launch-endpoint", /allowed: HOST:FIRST-LAST, such as .*, bindings, or interface=NAME$/],
		[{ launchEndpoint: "127.0.0.1:9-8" }, {}, "--launch-endpoint", /allowed: HOST:FIRST-LAST/],
		[{ launchEndpoint: "127.0.0.1:9-65536" }, {}, "--launch-endpoint", /allowed: HOST:FIRST-LAST/],
		[{ launchEndpoint: "interface=a/b" }, {}, "--launch-endpoint", /allowed: HOST:FIRST-LAST/],
		[{ transitionDelayMs: "1s" }, {}, "--transition-delay-ms", /allowed: a whole number of milliseconds from 0 to 600000$/],
		[{ transitionDelayMs: "600001" }, {}, "--transition-delay-ms", /allowed: a whole number of milliseconds/],
		[{ dataDir: "" }, {}, "--data-dir", /is empty; give it a value or leave it out$/],
		[{ watch: true }, {}, "--watch", /add --config FILE$/],
		[{}, { OPENIMDS_WATCH: "1" }, "OPENIMDS_WATCH", /add --config FILE$/],
		[{ ephemeral: true, dataDir: "x" }, {}, "--ephemeral", /--data-dir says where to keep it; leave out one of them$/],
	];
	for (const [flags, environment, setting, message] of refused) {
		assert.throws(
			() => read(flags, environment),
			(error) => {
				assert.ok(error instanceof SettingError, String(error));
				assert.equal(error.setting, setting);
				assert.match(error.message, message);
				return true;
			},
		);
	}
});

test("a start without a configuration file loads no package", () => {
	const loaded = new Set<string>();
	const load = (file: URL): void => {
		if (loaded.has(file.href)) return;
		loaded.add(file.href);
		for (const [, path = ""] of readFileSync(file, "utf8").matchAll(/^import (?!type )[^;]*?from "([^"]+)";/gms)) {
			assert.match(path, /^(\.|node:)/, file.pathname);
			if (path.startsWith(".")) load(new URL(path, file));
		}
	};
	for (const name of ["config.ts", "configuration-error.ts", "first-start.ts", "plan.ts"]) load(new URL(name, import.meta.url));
	assert.ok(loaded.size > 15);
});
