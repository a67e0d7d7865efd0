import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ExpressionError } from "../metric-math/expression-error.ts";
import { parseSearch } from "./search-expression.ts";

function metric(Namespace: string, MetricName: string, dimensions: Readonly<Record<string, string>>) {
	return { Namespace, MetricName, Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })) };
}

const METRICS = {
	noToken1: metric("AWS/EC2", "MetadataNoToken", { InstanceId: "i-0a1" }),
	noToken2: metric("AWS/EC2", "MetadataNoToken", { InstanceId: "i-0b2" }),
	rejected1: metric("AWS/EC2", "MetadataNoTokenRejected", { InstanceId: "i-0a1" }),
	requests1: metric("OpenIMDS", "Requests", { InstanceId: "i-0a1", Version: "v1", Status: "200" }),
	custom: metric("My Namespace", "CustomCount1", { "Dimension@Name": "Europe\\France Traffic(Network)" }),
};

function found(search: string): readonly string[] {
	const matches = parseSearch(search);
	return Object.entries(METRICS).flatMap(([name, each]) => (matches(each) ? [name] : []));
}

test("a schema is a namespace and all dimensions of a metric", () => {
	assert.deepEqual(found("{AWS/EC2,InstanceId}"), ["noToken1", "noToken2", "rejected1"]);
	assert.deepEqual(found("{OpenIMDS,InstanceId}"), []);
	assert.deepEqual(found("{AWS/EC2,InstanceId,ImageId}"), []);
	assert.deepEqual(found("{OpenIMDS, Status, Version, InstanceId}"), ["requests1"]);
	assert.deepEqual(found("{OpenIMDS}"), ["requests1"]);
	assert.deepEqual(found('{"My Namespace","Dimension@Name"}, "CustomCount1"'), ["custom"]);
});

test("exact terms are whole names, properties say whose", () => {
	assert.deepEqual(found('{AWS/EC2,InstanceId} MetricName="MetadataNoToken"'), ["noToken1", "noToken2"]);
	assert.deepEqual(found('"i-0a1"'), ["noToken1", "rejected1", "requests1"]);
	assert.deepEqual(found('InstanceId="i-0a1" Namespace="AWS/EC2"'), ["noToken1", "rejected1"]);
	assert.deepEqual(found('"customcount1"'), []);
	assert.deepEqual(found('"Custom"'), []);
	assert.deepEqual(found(String.raw`"Europe\\France Traffic\(Network\)"`), ["custom"]);
	assert.deepEqual(found('"Dimension@Name"="Europe"'), []);
});

test("other terms are words of names, whatever their capitals if it is one", () => {
	for (const term of ["count", "Count", "COUNT", "CustomCount", "Count1", "customcount1"]) assert.deepEqual(found(term), ["custom"], term);
	for (const term of ["couNT", "customcount", "Custom1"]) assert.deepEqual(found(term), [], term);
	assert.deepEqual(found("MetricName=Rejected"), ["rejected1"]);
	assert.deepEqual(found("Namespace=AWS token"), ["noToken1", "noToken2", "rejected1"]);
	assert.deepEqual(found("Metadata-No/Token Rejected"), ["rejected1"]);
});

test("AND, OR, NOT and parentheses bring terms together", () => {
	assert.deepEqual(found("token AND rejected"), ["rejected1"]);
	assert.deepEqual(found("rejected OR custom"), ["rejected1", "custom"]);
	assert.deepEqual(found("NOT Namespace=AWS"), ["requests1", "custom"]);
	assert.deepEqual(found('{AWS/EC2,InstanceId} MetricName="MetadataNoToken" NOT "i-0a1"'), ["noToken2"]);
	assert.deepEqual(found("(EC2 OR OpenIMDS) AND NOT (rejected OR Requests)"), ["noToken1", "noToken2"]);
	assert.deepEqual(found("rejected OR custom count"), ["rejected1", "custom"]);
	// Grafana asks for values of a dimension so.
	assert.deepEqual(found('{"AWS/EC2","InstanceId"} MetricName="MetadataNoToken" "InstanceId"=("i-0b2" OR "i-0c3")'), ["noToken2"]);
});

test("what is no search is refused", () => {
	const told = (search: string) => {
		try {
			parseSearch(search);
		} catch (error) {
			assert.ok(error instanceof ExpressionError);
			return error.message;
		}
	};
	assert.match(told("")!, /looks for nothing/);
	assert.match(told("{AWS/EC2")!, /it ends where } should/);
	assert.match(told("{}")!, /'}' stands where a name should/);
	assert.match(told("(a OR b")!, /it ends where \) should/);
	assert.match(told("a OR")!, /it ends where a term should/);
	assert.match(told("a OR OR b")!, /'OR' stands where a term should/);
	assert.match(told("AND a")!, /'AND' stands where a term should/);
	assert.match(told('"a')!, /can't be read from '"a' on/);
	assert.match(told("-")!, /neither letters nor digits/);
	assert.match(told(":aws.AccountId=1")!, /one account/);
	assert.match(told(",")!, /',' stands where a term should/);
	assert.match(told(", a1")!, /',' stands where a term should/);
	assert.match(told("(".repeat(40))!, /nested more than 32 deep/);
	assert.match(told("x".repeat(1_025))!, /1025 characters/);
});

test("whatever the text, it is a search or an ExpressionError", () => {
	const words = ["{", "}", "(", ")", "=", ",", '"', "\\", " ", "AND", "OR", "NOT", "AWS/EC2", "é", "a1"];
	const texts = fc.oneof(
		fc.string(),
		fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((parts) => parts.join(" ")),
	);
	fc.assert(
		fc.property(texts, (text) => {
			try {
				found(text);
			} catch (error) {
				assert.ok(error instanceof ExpressionError, String(error));
			}
		}),
	);
});
