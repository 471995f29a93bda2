// jank-hot keygen: an Ed25519 key pair for `publish --sign` and a client's publicKey.

import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { hashOf, signedBytes, type Signature } from "../client/verify.js";
import { green } from "./terminal.js";
import { UserError } from "../user-error.js";

/** Writes KEY (PKCS #8 in PEM, for its owner alone) and KEY.pub. */
export function keygen({ output }: { output: string }): void {
  const publicFile = `${output}.pub`;
  const existing = [output, publicFile].find((file) => existsSync(file));
  if (existing !== undefined)
    throw new UserError(`${existing} is there already: a key is never overwritten`);
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, pem, { mode: 0o600, flag: "wx" });
  writeFileSync(publicFile, `${publicText(privateKey)}\n`, { flag: "wx" });
  console.log(`${green(output)}  private: keep it secret, and out of the repository`);
  console.log(`${green(publicFile)}  ${publicText(privateKey)}`);
}

/** The last 32 bytes of its DER are the key itself. */
function publicBytes(key: KeyObject): Uint8Array<ArrayBuffer> {
  const der = createPublicKey(key).export({ type: "spki", format: "der" });
  return new Uint8Array(der.subarray(-32));
}

/** As a client's publicKey. */
function publicText(key: KeyObject): string {
  return `ed25519:${Buffer.from(publicBytes(key)).toString("hex")}`;
}

/** Throws a UserError. */
export function readKey(file: string): KeyObject {
  let pem: string;
  try {
    pem = readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`--sign: cannot read ${file}: ${(error as Error).message}`);
  }
  const refusal = new UserError(
    `--sign: ${file} is not a private key of Ed25519, as "jank-hot keygen" makes one`,
  );
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    throw refusal;
  }
  throw refusal;
}

/** Identifies it in a manifest. */
export function keyId(key: KeyObject): Promise<string> {
  return hashOf(publicBytes(key));
}

/**
 * Signs what is above the signatures of a manifest. With Node's own crypto, whose
 * Ed25519 is that of WebCrypto, which in Node 20 prints a warning.
 */
export async function signManifest(head: string, key: KeyObject): Promise<Signature> {
  const signature = sign(null, signedBytes(head), key).toString("hex");
  return { key: await keyId(key), signature };
}
