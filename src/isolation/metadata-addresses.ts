import { METADATA_IPV4, METADATA_IPV6 } from "../model/endpoint-binding.ts";

/** Where EC2's instances find their metadata, on port 80 (metadata-endpoint.md §1.1). */
export const METADATA_ADDRESSES = [METADATA_IPV4, METADATA_IPV6] as const;

export const METADATA_PORT = 80;
