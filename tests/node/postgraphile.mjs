// PostGraphile 5 over the bench's tables, as the application's role and under its row-level
// security: the tenant is a setting of each transaction. PORT, DATABASE_URL, BENCH_TENANT.
import { createServer } from "node:http";

import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

// Node.js 20 lacks it, and PostGraphile needs no more than this of a later one.
Promise.withResolvers ??= () => {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["public"],
      poolConfig: { max: 32 },
    }),
  ],
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: { context: { pgSettings: { "app.tenant_id": process.env.BENCH_TENANT } } },
});
const server = createServer();
await instance.createServ(grafserv).addTo(server);
await instance.getSchemaResult();
server.listen(Number(process.env.PORT), "127.0.0.1");
