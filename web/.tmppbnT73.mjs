
        import * as age from "age-encryption";
        import { execFileSync } from "node:child_process";
        const [database, identity] = process.argv.slice(2);
        const query = (sql) => JSON.parse(execFileSync("python3", ["-c",
          "import sqlite3,sys,json;print(json.dumps([c.hex() for c in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()]))",
          database, sql]));
        const open = async (hex, identity) => {
          const d = new age.Decrypter(); d.addIdentity(identity);
          return new TextDecoder().decode(await d.decrypt(Uint8Array.from(Buffer.from(hex, "hex"))));
        };
        const [file] = query("SELECT bytes FROM case_file");
        const inside = JSON.parse(await open(file, identity));
        const [sealed] = query("SELECT c.bytes FROM sealed_chunk c JOIN sealed_object o ON o.id = c.object_id WHERE o.kind = 'family'");
        process.stdout.write(await open(sealed, inside.identity));
    