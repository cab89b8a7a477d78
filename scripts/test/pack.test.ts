/**
 * The packages as their users get them: built, packed, installed from the tarballs into an empty project, and run there under
 * the oldest Node that is supported and under the one of this checkout. Nothing here sees the sources.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, suite, test } from "node:test";
import { promisify } from "node:util";
import { installOldestNode, OLDEST_NODE } from "../oldest-node/install.ts";

const SETUP_LIMIT = 240_000;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Record<string, { readonly types: string; readonly default: string }>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const execute = promisify(execFile);
const checkout = process.cwd();
const home = await realpath(await mkdtemp(path.join(tmpdir(), "tsyncio-pack-")));
const project = path.join(home, "project");
const manifests = await Promise.all(
  globSync("packages/*/package.json").map(async (file) => JSON.parse(await readFile(file, "utf8")) as Manifest),
);
const entries = manifests.flatMap(({ name, exports }) => Object.keys(exports).map((key) => path.posix.join(name, key)));
/** Some entries are for those who have the library that they are about: these bring it themselves. */
const brought = manifests.flatMap(({ peerDependenciesMeta = {}, devDependencies = {} }) =>
  Object.keys(peerDependenciesMeta).map((name) => `${name}@${devDependencies[name]}`),
);
let packed: {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}[];

before(
  async () => {
    await runHere(process.execPath, "scripts/build.ts");
    packed = JSON.parse(
      await runHere("npm", "pack", "--json", "--workspaces", "--pack-destination", home),
    ) as typeof packed;
    await mkdir(project);
    await writeFile(path.join(project, "package.json"), '{ "private": true, "type": "module" }');
    const tarballs = packed.map(({ filename }) => path.join(home, filename));
    await runInProject("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", ...tarballs, ...brought);
  },
  { timeout: SETUP_LIMIT },
);
after(() => rm(home, { recursive: true, force: true }));

/** Without what `npm test` sets for its own scripts: the condition for the sources, npm's settings, the Node on the path. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|NODE_OPTIONS$|NODE_TEST_CONTEXT$|INIT_CWD$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

async function runHere(program: string, ...args: string[]): Promise<string> {
  return (await execute(program, args, { cwd: checkout, env: plainEnvironment(), maxBuffer: 2 ** 26 })).stdout;
}

async function runInProject(program: string, ...args: string[]): Promise<string> {
  return (await execute(program, args, { cwd: project, env: plainEnvironment(), maxBuffer: 2 ** 26 })).stdout;
}

test("the tarballs hold the launcher, JavaScript and declarations, and nothing else", () => {
  const expected = /^(package\.json|README\.md|LICENSE|bin\/tsyncio\.js|dist\/.+\.js|dist\/.+\.d\.ts)$/;
  assert.equal(packed.length, manifests.length);
  for (const { name, files } of packed) {
    const strange = files.map((file) => file.path).filter((file) => !expected.test(file));
    assert.deepEqual(strange, [], name);
  }
});

test("every entry of an exports map is in the tarball, with its declarations", () => {
  for (const { name, exports } of manifests) {
    const files = packed.find((tarball) => tarball.name === name)?.files.map((file) => `./${file.path}`) ?? [];
    for (const { types, default: module } of Object.values(exports)) {
      assert.ok(files.includes(types), `${name} lacks ${types}`);
      assert.ok(files.includes(module), `${name} lacks ${module}`);
    }
  }
});

test("no emitted module imports a TypeScript file", async () => {
  const modules = globSync("node_modules/{tsyncio,@tsyncio/*}/dist/**/*.js", { cwd: project });
  assert.notEqual(modules.length, 0);
  for (const module of modules) {
    const source = await readFile(path.join(project, module), "utf8");
    // Comments may show a user's import of a TypeScript file.
    assert.doesNotMatch(source, /^(?!\s*\*).*(from|import)\s*\(?\s*"\.[^"]*\.ts"/m, module);
  }
});

test("a TypeScript program compiles against the declarations, which are checked with it", async () => {
  // An optional library's own declarations are not ours to check.
  const ours = entries.filter(
    (entry) => !brought.some((library) => library.startsWith(`${path.posix.basename(entry)}@`)),
  );
  const imports = ours.map((entry, index) => `import * as m${index} from "${entry}";\nconsole.log(m${index});`);
  const program = `
    import { gather, run, sleep } from "tsyncio";
    const both: [number, string] = await run(() => gather([() => sleep("1ms", 1), async () => "two"]));
    // @ts-expect-error A duration must have a unit that exists.
    await run(() => sleep("1 fortnight"));
    console.log(both);`;
  const compilerOptions = {
    module: "nodenext",
    target: "esnext",
    lib: ["esnext"],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: ["node"],
    typeRoots: [path.join(checkout, "node_modules/@types")],
  };
  await writeFile(path.join(project, "program.ts"), `${imports.join("\n")}\n${program}`);
  await writeFile(path.join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
  const { stdout } = await execute(path.join(checkout, "node_modules/.bin/tsc"), ["-p", project]).catch(
    (error: { stdout: string }) => error,
  );
  assert.equal(stdout, "");
});

for (const version of [OLDEST_NODE, process.versions.node]) {
  suite(`under Node ${version}`, () => {
    let node = process.execPath;
    before(
      async () => {
        if (version !== process.versions.node) node = await installOldestNode();
        assert.equal((await runInProject(node, "--version")).trim(), `v${version}`);
      },
      { timeout: SETUP_LIMIT },
    );

    /** The command as npm has linked it, under this suite's Node. */
    function tsyncio(...args: string[]): Promise<string> {
      return runInProject(node, "node_modules/.bin/tsyncio", ...args);
    }

    test("every entry can be imported and exports something", async () => {
      const program = `
        for (const entry of ${JSON.stringify(entries)})
          if (Object.keys(await import(entry)).length === 0) console.log(entry, "exports nothing");`;
      assert.equal(await runInProject(node, "--input-type=module", "--eval", program), "");
    });

    test("a program runs its tasks side by side and gets their values", async () => {
      const program = `
        import { gather, run, sleep, taskGroup } from "tsyncio";
        const values = await run(() => gather([() => sleep("20ms", "a"), () => sleep("1ms", "b")]));
        const sum = await run(() => taskGroup(async (group) => {
          const tasks = [1, 2, 3].map((n) => group.createTask(() => sleep(n, n)));
          return (await Promise.all(tasks)).reduce((a, b) => a + b);
        }));
        console.log(...values, sum);`;
      assert.equal(await runInProject(node, "--input-type=module", "--eval", program), "a b 6\n");
    });

    test("the installed command tells its version", async () => {
      const version = manifests.find(({ name }) => name === "tsyncio")?.version;
      assert.equal(await tsyncio("--version"), `${version}\n`);
    });

    test("the installed command ingests a folder and finds what is in it", async () => {
      const folder = await mkdtemp(path.join(project, "documents-"));
      await writeFile(path.join(folder, "bees.md"), "# Bees\n\nA hive keeps warm in winter by shivering.\n");
      await writeFile(path.join(folder, "tides.html"), "<h1>Tides</h1><p>The moon pulls the sea twice a day.</p>");
      const store = `sqlite:${path.join(folder, "index.db")}`;
      const events = (await tsyncio("ingest", folder, "--store", store, "--json")).trim().split("\n");
      const done = JSON.parse(events.at(-1) ?? "") as { type: string };
      assert.equal(done.type, "done");
      const found = await tsyncio("search", "how does a hive keep warm in winter", "--store", store, "--json");
      const { hits } = JSON.parse(found) as { hits: { source: string }[] };
      assert.equal(path.basename(hits[0]?.source ?? ""), "bees.md");
    });
  });
}
