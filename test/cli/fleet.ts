/** Instances that answer differently: with everything, with tokens only, closed, stopped, with user data that is no text. */
export const FLEET = {
	plain: "i-1111111111111111a",
	tokens: "i-2222222222222222b",
	closed: "i-3333333333333333c",
	stopped: "i-4444444444444444d",
	binary: "i-5555555555555555e",
} as const;

export const USER_DATA = Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff, 0x0a, 0x0d, 0x00]);

export const CONFIGURATION = `
account: { region: eu-central-1 }
roles:
  - roleName: web-role
keyPairs:
  - keyName: my=key
    publicKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAtAt3P58XN9I21sVXeVDRGZTnYMBSy673q5hQm2Whfq me@example.com
instances:
  - instanceId: ${FLEET.plain}
    tags: { Name: web, "owner:team": a b }
    iamInstanceProfile: web-role
    keyName: my=key
    endpointListen: 127.0.0.1:0
    metadataOptions: { instanceMetadataTags: enabled }
    userData: |
      #!/bin/sh
      echo hello
  - instanceId: ${FLEET.tokens}
    tags: { Name: a-worker-with-a-rather-long-name }
    endpointListen: 127.0.0.1:0
    metadataOptions: { httpTokens: required, httpPutResponseHopLimit: 2 }
  - instanceId: ${FLEET.closed}
    endpointListen: 127.0.0.1:0
    metadataOptions: { httpEndpoint: disabled }
  - instanceId: ${FLEET.stopped}
    state: stopped
    endpointListen: 127.0.0.1:0
  - instanceId: ${FLEET.binary}
    endpointListen: 127.0.0.1:0
    userDataBase64: ${USER_DATA.toString("base64")}
`;
