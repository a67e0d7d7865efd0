/** The variables that put AWS clients on an instance whose endpoint has this URL. */
export function instanceVariables(url: string, region: string): Readonly<Record<string, string>> {
	return {
		// Quirk: it ends with a slash, behind which AWS CLI 2.9 puts its paths; to others it makes no difference.
		AWS_EC2_METADATA_SERVICE_ENDPOINT: `${url}/`,
		// Most clients don't ask the endpoint for their Region. AWS_REGION is the SDKs', AWS_DEFAULT_REGION the AWS CLI's and boto3's.
		AWS_REGION: region,
		AWS_DEFAULT_REGION: region,
	};
}

/** The variables that lead AWS clients to the control APIs at a URL. */
export function apiVariables(
	url: string,
	key: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined,
): Readonly<Record<string, string>> {
	return {
		AWS_ENDPOINT_URL: url,
		...(key && { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey }),
	};
}
