import { checkKeys } from "../../shared/check.ts";
import { describeValue } from "../../shared/describe-value.ts";

/** Credentials for an `authorization` header: user name and password (Basic), or a token (Bearer). */
export type Auth = { readonly username: string; readonly password: string } | { readonly token: string };

/** The value of the `authorization` header. @throws TypeError for what is neither. */
export function authorizationOf(auth: Auth, what: string): string {
  checkKeys(auth, ["username", "password", "token"], `${what}: auth`);
  const { token, username, password } = auth as Partial<Record<"token" | "username" | "password", unknown>>;
  if (typeof token === "string" && username === undefined && password === undefined) return `Bearer ${token}`;
  if (token === undefined && typeof username === "string" && typeof password === "string") {
    // A colon would end the name early (RFC 7617).
    if (!username.includes(":")) return basic(username, password);
    throw new TypeError(`${what}: auth: a user name cannot contain a colon`);
  }
  const keys = describeValue(Object.keys(auth).join(", "));
  throw new TypeError(`${what}: auth: expected { username, password } or { token }, all strings, got ${keys}`);
}

/** Basic authentication, in UTF-8. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
