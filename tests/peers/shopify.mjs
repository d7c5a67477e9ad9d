// A stand-in for Shopify's Admin GraphQL interface: the schema that Shopify publishes in its npm package dev-mcp, executed by
// graphql-js with made-up answers. usage: node shopify.mjs PORT VERSION, with MODULES naming the node_modules folder.
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import zlib from "node:zlib";

const [port, version] = [Number(process.argv[2]), process.argv[3]];
const token = process.env.SHOPIFY_TOKEN;
const require = createRequire(path.join(process.env.MODULES, "..", "shopify.js"));
const { buildClientSchema, graphql } = require("graphql");
const { addMocksToSchema, createMockStore } = require("@graphql-tools/mock");

const packed = path.join(process.env.MODULES, `@shopify/dev-mcp/dist/data/admin_${version}.json.gz`);
const introspection = JSON.parse(zlib.gunzipSync(fs.readFileSync(packed)));
const schema = buildClientSchema(introspection.data || introspection, { assumeValid: true });

let made = 0;
const mocks = {
  ARN: () => "arn",
  BigInt: () => "1",
  Color: () => "#000000",
  Date: () => "2026-11-21",
  DateTime: () => "2026-11-21T00:00:00Z",
  Decimal: () => "10.00",
  FormattedString: () => "",
  HTML: () => "",
  ID: () => `gid://shopify/Thing/${++made}`,
  JSON: () => ({}),
  Money: () => "10.00",
  StorefrontID: () => "1",
  URL: () => "http://shop.example/",
  UnsignedInt64: () => "1",
  UtcOffset: () => "+00:00",
};
// A mutation succeeds unless its inputs break the schema.
for (const type of Object.values(schema.getTypeMap())) {
  if (type.name.endsWith("Payload") && type.getFields?.().userErrors) mocks[type.name] = () => ({ userErrors: [] });
}
const mocked = addMocksToSchema({ schema, store: createMockStore({ schema, mocks }) });
const cost = {
  requestedQueryCost: 10,
  actualQueryCost: 5,
  throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 1990, restoreRate: 100 },
};

http
  .createServer((request, response) => {
    const answer = (status, body) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (request.url !== `/admin/api/${version}/graphql.json`) return answer(404, { errors: "Not Found" });
    if (request.headers["x-shopify-access-token"] !== token) return answer(401, { errors: "[API] Invalid API key or access token" });
    const parts = [];
    request.on("data", (part) => parts.push(part)).on("end", async () => {
      let asked;
      try {
        asked = JSON.parse(Buffer.concat(parts));
      } catch {
        return answer(400, { errors: "Bad Request" });
      }
      const { query: source, variables: variableValues, operationName } = asked;
      const result = await graphql({ schema: mocked, source, variableValues, operationName });
      answer(200, { ...result, extensions: { cost } });
    });
  })
  .listen(port, "127.0.0.1");
