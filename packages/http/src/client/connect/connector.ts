import { buildConnector } from "undici";
import type { Connect } from "./connect.ts";
import type { Proxy, ProxyRules } from "./proxy-rules.ts";
import { checkTls, type SocketOptions, type TlsOptions } from "./tls-options.ts";
import { tunnelTo } from "./tunnel.ts";

/** How a session connects. */
export interface Connectors {
  /** For requests, which a proxy may read and pass on. */
  readonly forRequests: Connect;
  /** For streams that are not HTTP, such as WebSockets: through a proxy, always by a tunnel. */
  readonly forStreams: Connect;
}

/**
 * Connects directly, or through the proxy that the session's rules name for an origin. TLS sessions are shared among all of
 * a session's connections.
 */
export function sessionConnectors(
  tls: TlsOptions | undefined,
  sockets: SocketOptions,
  proxies: ProxyRules | null,
  what: string,
): Connectors {
  const direct = connector(checkTls(tls, `${what}: tls`), sockets);
  if (proxies === null) return { forRequests: direct, forStreams: direct };
  const toProxy = connector(checkTls(proxies.tls, `${what}: proxy.tls`), { ...sockets, socketPath: undefined });
  const connect = (tunnels: (proxy: Proxy, protocol: string) => boolean): Connect => {
    return (options, callback) => {
      const proxy = proxies.proxyFor(`${options.protocol}//${options.host}`);
      if (proxy === null) return direct(options, callback);
      if (!tunnels(proxy, options.protocol)) return toProxy(proxy.address, callback);
      return tunnelTo(options, proxy, toProxy, direct, callback);
    };
  };
  return {
    forRequests: connect((proxy, protocol) => proxy.tunnels(protocol)),
    forStreams: connect(() => true),
  };
}

function connector(tls: object, { localAddress, ...sockets }: SocketOptions): Connect {
  const given = Object.entries({ ...tls, ...sockets }).filter(([, value]) => value !== undefined);
  const options: buildConnector.BuildOptions = { ...Object.fromEntries(given), allowH2: false, timeout: 0 };
  // Its type hides that it returns the socket.
  const connect = buildConnector(options) as unknown as Connect;
  if (localAddress === undefined) return connect;
  return (target, callback) => connect({ ...target, localAddress }, callback);
}
