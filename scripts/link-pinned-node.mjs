// Runs at the end of `npm ci`, on whatever Node runs npm. npm 11 links the programs of scripts/pinned-node's packages into
// node_modules/.bin; npm 10, which comes with Node 20, installs the packages and leaves out the link.
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../node_modules", import.meta.url));
const program = join(`node-${process.platform}-${process.arch}`, "bin", "node");
const link = join(folder, ".bin", "node");
if (existsSync(join(folder, program)) && !existsSync(link)) symlinkSync(join("..", program), link);
