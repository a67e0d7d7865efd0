import type { Ec2Operations } from "../../models/ec2.ts";
import type { Operation } from "../../operation.ts";

/** An operation of EC2, by its name. */
export type Ec2Operation<Name extends keyof Ec2Operations> = Operation<Ec2Operations[Name]["input"], Ec2Operations[Name]["output"]>;
