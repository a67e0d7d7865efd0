/** Answers as §1.2 and §1.11 of metadata-endpoint.md show them, at the moment of scene.ts and on a connection that closes. */
import { DATE } from "./scene.ts";

export const NOT_FOUND_PAGE = [
	'<?xml version="1.0" encoding="iso-8859-1"?>',
	'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"',
	'\t\t "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">',
	'<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">',
	" <head>",
	"  <title>404 - Not Found</title>",
	" </head>",
	" <body>",
	"  <h1>404 - Not Found</h1>",
	" </body>",
	"</html>",
	"",
].join("\n");

/** A response's bytes: lines end with CRLF, the body follows the empty one. */
export function wire(lines: readonly string[], body = ""): string {
	return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** Every answer that is the same for everybody. */
export const FIXED = {
	400: wire([
		"HTTP/1.1 400 Bad Request",
		"Content-Length: 0",
		`Date: ${DATE}`,
		"Server: EC2ws",
		"Connection: close",
		"Content-Type: text/plain",
	]),
	401: wire([
		"HTTP/1.1 401 Unauthorized",
		"Content-Length: 0",
		`Date: ${DATE}`,
		"Server: EC2ws",
		"Connection: close",
		"Content-Type: text/plain",
	]),
	403: wire([
		"HTTP/1.1 403 Forbidden",
		"Content-Length: 0",
		"Content-Type: text/plain",
		`Date: ${DATE}`,
		"Server: EC2ws",
		"Connection: close",
	]),
	404: wire(
		["HTTP/1.1 404 Not Found", "Content-Type: text/html", "Content-Length: 339", `Date: ${DATE}`, "Server: EC2ws", "Connection: close"],
		NOT_FOUND_PAGE,
	),
	"405 on the token path": notAllowed("OPTIONS, PUT"),
	"405 elsewhere": notAllowed("OPTIONS, HEAD, GET"),
} as const;

function notAllowed(allow: string): string {
	return wire([
		"HTTP/1.1 405 Not Allowed",
		`Allow: ${allow}`,
		"Content-Length: 0",
		`Date: ${DATE}`,
		"Server: EC2ws",
		"Connection: close",
		"Content-Type: text/plain",
	]);
}
