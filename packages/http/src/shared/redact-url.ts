/** A URL as it may be printed: without its user name and password. Takes also what does not parse as a URL. */
export function redactUrl(url: string | URL): string {
  return String(url).replace(/^([a-z][a-z0-9+.-]*:)?[/\\]{2}[^/\\?#]*@/i, (_, scheme: string | undefined) => {
    return `${scheme ?? ""}//`;
  });
}
