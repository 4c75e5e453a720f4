// Mercurius on Fastify with its compiler on, and one hand-written statement for each root field:
// what a careful team reaches with Node.js. PORT, DATABASE_URL, BENCH_TENANT, BENCH_STATEMENTS.
import { readFileSync } from "node:fs";

import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const statements = JSON.parse(readFileSync(process.env.BENCH_STATEMENTS, "utf8"));
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 32 });
const tenant = process.env.BENCH_TENANT;

async function read(name, value) {
  const { rows } = await pool.query({ name, text: statements[name], values: [tenant, value] });
  return JSON.parse(rows[0].j).data;
}

// Words as they are filed: Chinese by pairs of signs.
function wordsOf(text) {
  return text.toLowerCase().split(/\s+/).flatMap((word) =>
    word[0] > "\u2e7f"
      ? Array.from({ length: word.length - 1 }, (_, n) => word.slice(n, n + 2))
      : [word],
  );
}

const schema = `
  scalar UUID
  type Query {
    order(number: String!): Order
    board(branchId: UUID!, first: Int!): Orders!
    orders(search: String!, first: Int!): Orders!
  }
  type Orders { nodes: [Order!]! }
  type Order {
    number: String! status: String! coverage: String! receivedAt: String! closedAt: String
    lineCount: Int! customer: Customer device: Device branch: Branch lines: [Line!]!
  }
  type Customer { name: String! phone: String! }
  type Device { serial: String brandPrinted: String! model: Model }
  type Model { code: String! name: String! }
  type Branch { code: String! name: String! }
  type Line {
    position: Int! line: String! code: String! quantity: Int! payer: String! amount: Money
  }
  type Money { amountMinor: String! currency: String! }
`;
const resolvers = {
  Query: {
    order: async (_, { number }) => (await read("OrderPage", number)).order,
    board: async (_, { branchId }) => (await read("Board", branchId)).board,
    orders: async (_, { search }) => (await read("Search", wordsOf(search))).orders,
  },
};
const app = Fastify();
app.register(mercurius, { schema, resolvers, jit: 1 });
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
