// Beside each file the same compressed, as servers send it: name.br and name.gz, where that is smaller.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const out = process.env.KITH_WEB_OUT ?? fileURLToPath(new URL('../../../build/web/dist', import.meta.url));
let total = 0;
for (const folder of [out, `${out}/assets`]) {
  for (const name of readdirSync(folder)) {
    if (!/\.(html|js|css|json|svg|webmanifest)$/.test(name)) continue;
    const bytes = readFileSync(`${folder}/${name}`);
    const smaller = { br: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }), gz: gzipSync(bytes, { level: 9 }) };
    for (const [ending, compressed] of Object.entries(smaller))
      if (compressed.length < bytes.length) writeFileSync(`${folder}/${name}.${ending}`, compressed);
    total += smaller.gz.length;
  }
}
console.log(`compressed: ${Math.round(total / 1024)} kB by gzip, all of it`);
