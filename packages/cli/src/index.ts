export { demo } from "./demo.ts";
export { main } from "./main.ts";
