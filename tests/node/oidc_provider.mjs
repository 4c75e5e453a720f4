// An OpenID provider that knows anybody by the name they type: node oidc_provider.mjs PORT REDIRECT_URI
// It prints its issuer once it listens, and ends with its standard input.
import { Provider } from "oidc-provider";

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: "serviceco",
    client_secret: "a secret of both",
    redirect_uris: [redirectUri],
    id_token_signed_response_alg: "RS256",
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
  pkce: { required: () => true },
  findAccount: (_, name) => ({
    accountId: name,
    claims: () => ({
      sub: name,
      email: name,
      email_verified: true,
      name: "Li Na",
      groups: ["desk", "everybody"],
    }),
  }),
});

const server = provider.listen(Number(port), "127.0.0.1", () => console.log(JSON.stringify(issuer)));
process.stdin.on("end", () => {
  server.close();
  process.exit(0);
}).resume();
