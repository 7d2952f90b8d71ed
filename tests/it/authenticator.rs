//! A software authenticator: what a browser and a security key do together (WebAuthn level 3, sections
//! 6.1 and 6.5), with whatever a dishonest one would do differently.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{KeyPair, PublicKeyData as _, SigningKey as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Somebody was there; the device checked who; a key is attached.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTACHED: u8 = 0x40;

/// One key. A clone of it has the same key and a counter of its own.
#[derive(Clone)]
pub struct Authenticator {
    /// Signs.
    pub key: Arc<KeyPair>,
    /// What it calls its credential.
    pub id: Vec<u8>,
    /// Whom it belongs to, as the site said.
    pub user: Vec<u8>,
    /// Counts what it signs.
    pub counter: u32,
    /// The page that it believes to be on.
    pub origin: String,
    /// The site that it signs for.
    pub site: String,
    /// Whether it checks a finger, face or PIN.
    pub verifies: bool,
}

impl Authenticator {
    /// A new key, on this page.
    pub fn at(origin: &str) -> Self {
        let key = KeyPair::generate().expect("a key on P-256");
        let id = Sha256::digest(key.der_bytes()).to_vec();
        let site = origin.split("//").nth(1).and_then(|rest| rest.split(':').next()).expect("a host");
        let (origin, site) = (origin.to_owned(), site.to_owned());
        Self { key: Arc::new(key), id, user: Vec::new(), counter: 0, origin, site, verifies: true }
    }

    /// Answers `navigator.credentials.create`.
    pub fn create(&mut self, options: &Value) -> Value {
        let asked = &options["publicKey"];
        self.user = bytes(&asked["user"]["id"]);
        let (said, _) = self.said("webauthn.create", asked);
        let data = self.data(ATTACHED);
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).expect("short").to_be_bytes());
        object.extend(data);
        self.credential(json!({ "clientDataJSON": text(&said), "attestationObject": text(&object) }))
    }

    /// Answers `navigator.credentials.get`.
    pub fn get(&mut self, options: &Value) -> Value {
        let (said, hash) = self.said("webauthn.get", &options["publicKey"]);
        self.counter += 1;
        let data = self.data(0);
        let signature = self.key.sign(&[data.as_slice(), &hash].concat()).expect("signs");
        self.credential(json!({
            "clientDataJSON": text(&said),
            "authenticatorData": text(&data),
            "signature": text(&signature),
            "userHandle": text(&self.user),
        }))
    }

    /// What the browser saw, and its hash.
    fn said(&self, what: &str, asked: &Value) -> (Vec<u8>, Vec<u8>) {
        let said = json!({
            "type": what, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": false,
        });
        let said = said.to_string().into_bytes();
        let hash = Sha256::digest(&said).to_vec();
        (said, hash)
    }

    /// The authenticator's own words; with the key when one was made.
    fn data(&self, attached: u8) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        let mut data = Sha256::digest(self.site.as_bytes()).to_vec();
        data.push(PRESENT | verified | attached);
        data.extend(self.counter.to_be_bytes());
        if attached != 0 {
            data.extend([0; 16]);
            data.extend(u16::try_from(self.id.len()).expect("short").to_be_bytes());
            data.extend(&self.id);
            data.extend(self.public_key());
        }
        data
    }

    /// The key in COSE's form: EC2, ES256, P-256, x and y (RFC 9053 section 2.1).
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.der_bytes();
        assert_eq!((point.len(), point[0]), (65, 4), "an uncompressed point");
        let (x, y) = point[1..].split_at(32);
        [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".as_slice(), x, b"\x22\x58\x20", y].concat()
    }

    fn credential(&self, response: Value) -> Value {
        let id = text(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response })
    }
}

pub fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().expect("text")).expect("base64url")
}
