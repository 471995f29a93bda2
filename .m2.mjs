import { build } from "esbuild"; import {writeFileSync} from "node:fs";
const r = await build({ stdin:{contents:`import { connect } from "./sdk-js/dist/index.js"; connect();`, resolveDir: process.cwd()}, bundle:true, minify:false, format:"esm", target:"es2022",
   external:["*/jank.mjs"], write:false, metafile:true, splitting:true, outdir:"/tmp/diet-out"});
for (const o of r.outputFiles) writeFileSync("/tmp/diet-"+o.path.split("/").pop().replace(/-.*/,""), o.contents);
