/** Where EC2's instances find their metadata, on port 80 (metadata-endpoint.md §1.1). */
export const METADATA_ADDRESSES = ["169.254.169.254", "fd00:ec2::254"] as const;

export const METADATA_PORT = 80;
