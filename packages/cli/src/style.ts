import { styleText } from "node:util";

/** Styles text for the standard output; plain where that is no terminal or colours are not wanted. */
export function style(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: process.stdout });
}
