import type { Socket } from "node:net";
import type { buildConnector } from "undici";

/** Makes a socket; returns it at once, before it is connected, so that it can be given up at any time. */
export type Connect = (options: buildConnector.Options, callback: buildConnector.Callback) => Socket;
