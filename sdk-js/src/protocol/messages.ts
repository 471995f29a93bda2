// What both kinds of messages have in common: a JSON text whose `type` names the table of
// its other fields. What does not fit is refused as a whole, with the field that is wrong.

import { wrongField, type Shape, type Table } from "./shapes.js";

export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** One of these messages. */
export type Message<Tables> = {
  [Type in keyof Tables]: { type: Type } & Shape<Tables[Type]>;
}[keyof Tables];

/** A message that is not one of the protocol's. The text may go to its sender. */
export class ProtocolError extends Error {
  override name = "ProtocolError";
}

/** Throws a ProtocolError. */
export function parse(data: string, messages: Record<string, Table>): { type: string } {
  if (data.length > MAX_MESSAGE_BYTES) throw new ProtocolError("the message is too large");
  let message: unknown;
  try {
    message = JSON.parse(data);
  } catch {
    throw new ProtocolError("the message is not JSON");
  }
  if (typeof message !== "object" || message === null || Array.isArray(message))
    throw new ProtocolError("the message is not an object");
  const { type } = message as { type?: unknown };
  if (typeof type !== "string" || !Object.hasOwn(messages, type))
    throw new ProtocolError(`unknown type of message: ${JSON.stringify(type)?.slice(0, 80)}`);
  const field = wrongField(message, messages[type] as Table);
  if (field !== undefined) throw new ProtocolError(`${type}: bad or missing field "${field}"`);
  return message as { type: string };
}
