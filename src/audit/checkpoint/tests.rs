use super::*;
use crate::audit::tree::{leaf_hash, root};
use proptest::prelude::*;
use signed_note::{Note, Signer as _, StandardSigner, StandardVerifier, VerifierList};

fn origin() -> Origin {
    Origin::parse("relay.example/log").unwrap()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn verifier() -> VerifierKey {
    VerifierKey::of(origin(), &key(7))
}

fn sample() -> Checkpoint {
    Checkpoint { origin: origin(), size: 3, root: root(&[leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")]) }
}

/// A signer of the other implementation with our key.
fn their_signer(seed: u8, name: &str) -> StandardSigner {
    let id = signed_note::key_id(name, &[&[1], key(seed).verifying_key().as_bytes().as_slice()].concat());
    let secret = STANDARD.encode([&[1], [seed; 32].as_slice()].concat());
    StandardSigner::new(&format!("PRIVATE+KEY+{name}+{id:08x}+{secret}")).unwrap()
}

#[test]
fn others_read_ours() {
    let note = sample().sign(&key(7));
    let theirs = StandardVerifier::new(&verifier().to_string()).unwrap();
    let read = Note::from_bytes(note.as_bytes()).unwrap();
    let (verified, unknown) = read.verify(&VerifierList::new(vec![Box::new(theirs)])).unwrap();
    assert_eq!((verified.len(), unknown.len()), (1, 0));
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(read.text()).unwrap();
    assert_eq!(checkpoint.origin(), "relay.example/log");
    assert_eq!((checkpoint.size(), checkpoint.hash().0), (3, sample().root));
}

#[test]
fn we_read_theirs_with_extensions_and_a_witness() {
    let text =
        tlog_tiles::Checkpoint::new("relay.example/log", 3, tlog_tiles::Hash(sample().root), "more 1\n");
    let mut note = Note::new(&text.unwrap().to_bytes(), &[]).unwrap();
    let (ours, witness) = (their_signer(7, "relay.example/log"), their_signer(9, "witness.example"));
    assert_eq!(ours.key_id().to_be_bytes(), verifier().id());
    note.add_sigs(&[&witness, &ours]).unwrap();
    let note = String::from_utf8(note.to_bytes()).unwrap();
    assert!(note.contains("\nmore 1\n\n— "));
    assert_eq!(Checkpoint::parse_and_verify(&note, &verifier()), Ok(sample()));
    let changed = note.replace("more 1", "more 2");
    assert_eq!(Checkpoint::parse_and_verify(&changed, &verifier()), Err(CheckpointError::Signature));
}

#[test]
fn the_fault_is_named() {
    let note = sample().sign(&key(7));
    let check = |note: &str| Checkpoint::parse_and_verify(note, &verifier()).unwrap_err();
    assert_eq!(check(""), CheckpointError::Note);
    assert_eq!(check(&note.replace("\n\n", "\n")), CheckpointError::Note);
    assert_eq!(check(note.trim_end()), CheckpointError::Note);
    assert_eq!(check(&note.replace('\n', "\r\n")), CheckpointError::Note);
    assert_eq!(check(&note.replace("\n3\n", "\n03\n")), CheckpointError::Text);
    assert_eq!(check(&note.replace("\n3\n", "\n\n3\n")), CheckpointError::Text);
    assert_eq!(check(&note.replace("\n3\n", "\n4\n")), CheckpointError::Signature);
    assert_eq!(check(&sample().sign(&key(8))), CheckpointError::Unsigned(Box::new(verifier())));
    let other = Checkpoint { origin: Origin::parse("relay.example/log2").unwrap(), ..sample() };
    assert!(matches!(check(&other.sign(&key(7))), CheckpointError::Origin { .. }));
    assert_eq!(check(&format!("{note}{}", "x".repeat(MAX_NOTE))), CheckpointError::Note);
}

proptest! {
    #[test]
    fn what_is_signed_reads_back(size in any::<u64>(), root in any::<[u8; 32]>(), seed in any::<u8>()) {
        let checkpoint = Checkpoint { origin: origin(), size, root };
        let verifier = VerifierKey::of(origin(), &key(seed));
        prop_assert_eq!(Checkpoint::parse_and_verify(&checkpoint.sign(&key(seed)), &verifier), Ok(checkpoint));
    }

    #[test]
    fn any_flipped_bit_is_noticed(at in any::<proptest::sample::Index>(), bit in 0..8u8) {
        let mut bytes = sample().sign(&key(7)).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(note) = String::from_utf8(bytes) {
            prop_assert!(Checkpoint::parse_and_verify(&note, &verifier()).is_err());
        }
    }
}
