// What stands below dynamic/instance-identity/ (metadata-endpoint.md §3).

import { identityDocument } from "../identity/document.ts";
import { pkcs7Of, rsa2048Of, signatureOf, SIGNING_DELAY_MS } from "../identity/sign.ts";
import { epochMs } from "../model/timestamp.ts";
import type { View } from "./view.ts";

/** `document` */
export function documentText({ account, image, instance, interfaces }: View): string {
	return identityDocument({
		accountId: account.accountId,
		architecture: image?.architecture ?? "x86_64",
		availabilityZone: instance.placement.availabilityZone,
		billingProducts: image?.billingProducts,
		marketplaceProductCodes: instance.productCodes,
		imageId: instance.imageId,
		instanceId: instance.instanceId,
		instanceType: instance.instanceType,
		kernelId: instance.kernelId,
		pendingTime: instance.launchTime,
		privateIp: interfaces[0]?.privateIpAddresses[0]?.privateIpAddress,
		ramdiskId: instance.ramdiskId,
		region: account.region,
	});
}

/** `signature`; nothing where the cryptography of this machine refuses RSA-1024. */
export function signatureText(view: View): string | undefined {
	return signatureOf(documentText(view), view.identityKeys);
}

/** `pkcs7`; nothing where the cryptography of this machine refuses DSA. */
export function pkcs7Text(view: View): string | undefined {
	return pkcs7Of(documentText(view), view.identityKeys, signingTimeMs(view));
}

/** `rsa2048` */
export function rsa2048Text(view: View): string {
	return rsa2048Of(documentText(view), view.identityKeys, signingTimeMs(view));
}

function signingTimeMs({ instance }: View): number {
	return epochMs(instance.launchTime) + SIGNING_DELAY_MS;
}
