import { build, transform } from "esbuild"; import ts from "typescript"; import { gzipSync } from "node:zlib";
const r = await build({ stdin:{contents:`import { connect } from "./sdk-js/dist/index.js"; connect();`, resolveDir: process.cwd()}, bundle:true, minify:false, format:"esm", target:"es2022",
   external:["*/jank.mjs"], write:false, splitting:true, outdir:"/tmp/diet-out"});
const code = r.outputFiles.find(o=>o.path.includes("chunk")).text;
const gz = async (c) => gzipSync((await transform(c,{minify:true,format:"esm",target:"es2022"})).code,{level:9}).length;
const base = await gz(code);
const sf = ts.createSourceFile("x.js", code, ts.ScriptTarget.Latest, true);
const out=[];
async function tryCut(node,name){ try{ const c=code.slice(0,node.getStart())+code.slice(node.end); out.push([base-await gz(c.includes("")?c:c),name]);}catch(e){ } }
for (const st of sf.statements){ 
  let cls; ts.forEachChild(st, function v(n){ if(ts.isClassExpression(n)||ts.isClassDeclaration(n)) cls=n; else ts.forEachChild(n,v); });
  const name=st.getText().slice(0,50).replace(/\n/g," ");
  if (cls) { for (const m of cls.members) { const nm=m.getText().slice(0,40).replace(/\n/g," "); if (ts.isMethodDeclaration(m)||ts.isConstructorDeclaration(m)||ts.isAccessor(m)) {
     // empty the body instead: private names stay declared
     const b=m.body; const c=code.slice(0,b.getStart())+"{}"+code.slice(b.end); out.push([base-await gz(c), name.slice(0,18)+" . "+nm]); } } }
  else await tryCut(st,name);
}
out.sort((a,b)=>b[0]-a[0]); console.log(base); for(const [n,s] of out.slice(0,75)) console.log(n,s);
