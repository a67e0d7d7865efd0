/** The header of a proxy (PROXY protocol, version 2): PROXY, TCP, from an address to the endpoint's. */
export function proxyHeader(source: string, fields = Buffer.alloc(0)): Buffer {
	const ipv6 = source.includes(":");
	const octets = ipv6 ? ipv6Octets(source) : Buffer.from(source.split(".").map(Number));
	const length = Buffer.alloc(2);
	length.writeUInt16BE(octets.length * 2 + 4 + fields.length);
	return Buffer.concat([
		Buffer.from("\r\n\r\n\0\r\nQUIT\n\x21", "latin1"),
		Buffer.of(ipv6 ? 0x21 : 0x11),
		length,
		octets,
		Buffer.alloc(octets.length, 1),
		Buffer.of(0x12, 0x34, 0, 80),
		fields,
	]);
}

function ipv6Octets(address: string): Buffer {
	const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
	const hex = (high = "0", low = "0") => ((Number(high) << 8) | Number(low)).toString(16);
	const plain = dotted === null ? address : `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}`;
	const [head = "", tail = ""] = plain.split("::");
	const groups = (text: string) => (text === "" ? [] : text.split(":"));
	const zeros = plain.includes("::") ? 8 - groups(head).length - groups(tail).length : 0;
	const all = [...groups(head), ...Array<string>(zeros).fill("0"), ...groups(tail)];
	return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}
