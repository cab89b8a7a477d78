import { BlockList, isIP } from "node:net";

/**
 * Hosts that are reached without a proxy, written as in `NO_PROXY`: names separated by commas or white space. A name
 * covers its sub-domains as well (with or without a dot in front), and one port only if it ends in `:PORT`;
 * addresses may be networks such as `10.0.0.0/8`; `*` covers everything.
 */
export class NoProxyList {
  private everything = false;
  private readonly names: { readonly name: string; readonly port: string | undefined }[] = [];
  private readonly addresses: BlockList = new BlockList();

  constructor(rules: string | readonly string[]) {
    const list = typeof rules === "string" ? rules.split(/[\s,]+/) : rules;
    for (const rule of list) if (rule !== "") this.add(rule.trim().toLowerCase());
  }

  /** Whether an origin such as `https://example.com:8443` is reached directly. */
  covers(origin: string): boolean {
    if (this.everything) return true;
    const { hostname, port, protocol } = new URL(origin);
    const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
    const kind = isIP(host);
    if (kind !== 0 && this.addresses.check(host, kind === 6 ? "ipv6" : "ipv4")) return true;
    const effectivePort = port === "" ? (protocol === "https:" ? "443" : "80") : port;
    return this.names.some(({ name, port: only }) => {
      return (only === undefined || only === effectivePort) && (host === name || host.endsWith(`.${name}`));
    });
  }

  private add(rule: string): void {
    if (rule === "*") this.everything = true;
    const [network = "", bits] = rule.split("/");
    const kind = isIP(network.replace(/^\[|\]$/g, ""));
    if (kind !== 0) {
      const family = kind === 6 ? "ipv6" : "ipv4";
      const width = bits === undefined ? (kind === 6 ? 128 : 32) : Number(bits);
      this.addresses.addSubnet(network.replace(/^\[|\]$/g, ""), width, family);
      return;
    }
    const match = /^\*?\.?(?<name>\[[^\]]+\]|[^:]+)(?::(?<port>\d+))?$/.exec(rule);
    const name = match?.groups?.["name"]?.replace(/^\[|\]$/g, "");
    if (name !== undefined) this.names.push({ name, port: match?.groups?.["port"] });
  }
}
