/** An error whose message is all that its reader needs: no stack. */
export class UserError extends Error {
  override name = "UserError";
}
