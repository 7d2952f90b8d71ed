// An OpenID provider with made-up people, for tests of single sign-on: loopback only, never shipped.
//
// It signs in whoever the switches name, without asking. `POST /test/switches` replaces the switches:
//   person       the claims of whoever signs in next: `sub` and anything else
//   claims       put over the ID token's claims just before it is signed again (null takes one away)
//   key          "b": signed with a second key; "unknown": with a key that is published nowhere
//   publish      the names of the keys that /jwks shows
//   alg          "none": unsigned; "HS256": signed with the client's secret
//   userinfo     the answer of the userinfo endpoint, in place of the person's claims
//   refuse       an OAuth error code that ends the sign-in
// It prints one line, its issuer, when it is ready, and ends when its standard input ends.

import { createServer } from 'node:http';
import * as jose from 'jose';
import Provider from 'oidc-provider';

const CLIENT = 'dutyline-test';
const SECRET = 'made-up-secret-of-the-test-client';
const [redirect, auth = 'client_secret_basic'] = process.argv.slice(2);

let switches = {};
const person = () => ({ sub: 'subject-1', ...switches.person });
const algorithm = (name) => ({ c: 'ES256' })[name] ?? 'RS256';

const keys = {};
for (const name of ['a', 'b', 'c', 'unknown']) {
  const pair = await jose.generateKeyPair(algorithm(name), { extractable: true });
  keys[name] = { name, ...pair, jwk: { ...(await jose.exportJWK(pair.privateKey)), kid: name, use: 'sig' } };
}

const server = createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: CLIENT,
    client_secret: SECRET,
    redirect_uris: [redirect],
    token_endpoint_auth_method: auth,
  }],
  jwks: { keys: [keys.a.jwk] },
  cookies: { keys: ['made-up'] },
  scopes: ['openid', 'profile', 'email'],
  claims: { openid: ['sub', 'auth_time'], profile: ['name'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: true,
  features: { devInteractions: { enabled: false }, userinfo: { enabled: true } },
  pkce: { required: () => true },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Interaction: 300, Session: 300, Grant: 300 },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ ...person(), sub: id }) }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: CLIENT, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
});

/** The token with other claims, another key or another algorithm, as the switches say. */
async function tampered(token) {
  const claims = { ...jose.decodeJwt(token), ...person(), ...switches.claims };
  for (const name of Object.keys(claims)) if (claims[name] === null) delete claims[name];
  if (switches.alg === 'none') return new jose.UnsecuredJWT(claims).encode();
  if (switches.alg === 'HS256') {
    return new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(SECRET));
  }
  const key = keys[switches.key ?? 'a'];
  const header = { alg: algorithm(key.name), kid: key.name };
  return new jose.SignJWT(claims).setProtectedHeader(header).sign(key.privateKey);
}

async function body(request) {
  let text = '';
  for await (const piece of request) text += piece;
  return JSON.parse(text || '{}');
}

async function signIn(ctx) {
  const details = await provider.interactionDetails(ctx.req, ctx.res);
  const result = switches.refuse
    ? { error: switches.refuse, error_description: 'made up' }
    : { login: { accountId: person().sub, ts: Math.floor(Date.now() / 1000) } };
  ctx.respond = false;
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
}

provider.use(async (ctx, next) => {
  if (ctx.path === '/test/switches') {
    switches = await body(ctx.req);
    ctx.body = 'ok';
    return;
  }
  if (ctx.path === '/jwks') {
    const shown = (switches.publish ?? ['a']).map(async (name) =>
      ({ ...(await jose.exportJWK(keys[name].publicKey)), kid: name, use: 'sig', alg: algorithm(name) }));
    ctx.body = { keys: await Promise.all(shown) };
    return;
  }
  if (ctx.path.startsWith('/interaction/')) return signIn(ctx);
  await next();
  if (ctx.path === '/token' && ctx.body?.id_token) {
    ctx.body = { ...ctx.body, id_token: await tampered(ctx.body.id_token) };
  }
  if (ctx.path === '/me' && ctx.status === 200) {
    ctx.body = switches.userinfo ?? { ...ctx.body, ...person() };
  }
});

server.on('request', provider.callback());
process.stdin.on('end', () => process.exit(0)).resume();
console.log(issuer);
