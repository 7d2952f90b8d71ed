use super::*;
use proptest::prelude::*;
use tlog_tiles::tlog;

/// The eight leaves that the test vectors of certificate transparency use.
const INPUTS: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// Their roots, for one to eight leaves.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

/// The other implementation's store of hashes, over the same leaves.
struct Other(Vec<tlog::Hash>);

impl tlog::HashReader for Other {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        Ok(indexes.iter().map(|i| self.0[usize::try_from(*i).unwrap()]).collect())
    }
}

impl Other {
    fn new(count: u64) -> Self {
        (0..count).fold(Self(Vec::new()), |mut other, n| {
            let more = tlog::stored_hashes(n, &n.to_be_bytes(), &other).unwrap();
            other.0.extend(more);
            other
        })
    }

    fn root(&self, size: u64) -> Hash {
        tlog::tree_hash(size, self).unwrap().0
    }
}

#[test]
fn known_roots() {
    let mut edge = Edge::new();
    assert_eq!(
        edge.root().to_vec(),
        unhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    );
    for (input, wanted) in INPUTS.iter().zip(ROOTS) {
        edge.append(leaf_hash(&unhex(input)));
        assert_eq!(edge.root().to_vec(), unhex(wanted), "root of {} leaves", edge.size());
    }
}

#[test]
fn an_edge_survives_the_head_row() {
    for count in [0, 1, 2, 3, 7, 8, 100] {
        let mut edge = Edge::new();
        leaves(count).into_iter().for_each(|leaf| edge.append(leaf));
        let bytes = edge.encode();
        assert_eq!(Edge::decode(&bytes), Ok(edge));
        assert!(Edge::decode(&[bytes.as_slice(), &[0]].concat()).is_err());
        assert!(Edge::decode(&bytes[..bytes.len() - 1]).is_err());
    }
    assert_eq!(Edge::decode(&[]), Err(EdgeError::Length { found: 0, wanted: 8 }));
}

#[test]
fn every_small_tree_agrees_with_the_other_implementation() {
    let (all, other) = (leaves(40), Other::new(40));
    for size in 0..=40u64 {
        let top = root(&all[..size as usize]);
        assert_eq!(top, other.root(size));
        for index in 0..size {
            let path = inclusion_proof(&all, index, size).unwrap();
            let theirs = tlog::prove_record(size, index, &other).unwrap();
            assert_eq!(path, theirs.iter().map(|h| h.0).collect::<Vec<_>>(), "{index} of {size}");
            assert!(verify_inclusion(&all[index as usize], index, size, &path, &top));
        }
        for old in 1..=size {
            let path = consistency_proof(&all, old, size).unwrap();
            let theirs = tlog::prove_tree(size, old, &other).unwrap();
            assert_eq!(path, theirs.iter().map(|h| h.0).collect::<Vec<_>>(), "{old} in {size}");
            assert!(verify_consistency(old, size, &path, &other.root(old), &top));
        }
    }
}

#[test]
fn nothing_is_proved_about_what_is_not_there() {
    let all = leaves(5);
    assert_eq!(inclusion_proof(&all, 5, 5), None);
    assert_eq!(inclusion_proof(&all, 0, 6), None);
    assert_eq!(consistency_proof(&all, 4, 3), None);
    assert_eq!(consistency_proof(&all, 4, 6), None);
    let (empty, top) = (empty_root(), root(&all));
    assert!(!verify_inclusion(&all[0], 0, 0, &[], &empty));
    assert!(verify_consistency(0, 5, &[], &empty, &top));
    assert!(!verify_consistency(0, 5, &[], &top, &top));
    assert!(!verify_consistency(0, 0, &[], &empty, &top));
    assert!(!verify_consistency(5, 4, &[], &top, &top));
    assert!(!verify_consistency(3, 5, &[], &top, &top));
    assert!(!verify_consistency(4, 5, &[], &top, &top));
}

#[test]
fn no_input_takes_long_or_panics() {
    let path = vec![[7; 32]; 200];
    for n in [1, 2, 3, u64::MAX - 1, u64::MAX] {
        assert!(!verify_inclusion(&[0; 32], n - 1, n, &path, &[0; 32]));
        assert!(!verify_consistency(n - 1, n, &path, &[0; 32], &[0; 32]));
    }
}

/// Turns one bit round in one of the hashes.
fn flip(hashes: &mut [Hash], bit: proptest::sample::Index) {
    let bit = bit.index(hashes.len() * 256);
    hashes[bit / 256][bit % 256 / 8] ^= 1 << (bit % 8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn roots_agree(size in 0u64..600) {
        prop_assert_eq!(root(&leaves(size)), Other::new(size).root(size));
    }

    #[test]
    fn inclusion_holds_and_any_flipped_bit_breaks_it(
        size in 1u64..600, index in any::<proptest::sample::Index>(), bit in any::<proptest::sample::Index>()
    ) {
        let (all, index) = (leaves(size), index.index(size as usize));
        let path = inclusion_proof(&all, index as u64, size).unwrap();
        let mut hashes = [&[all[index], root(&all)], path.as_slice()].concat();
        let holds = |h: &[Hash]| verify_inclusion(&h[0], index as u64, size, &h[2..], &h[1]);
        prop_assert!(holds(&hashes));
        prop_assert!(!holds(&[hashes.as_slice(), &[[0; 32]]].concat()), "one neighbour too many");
        prop_assert!(path.is_empty() || !holds(&hashes[..hashes.len() - 1]), "one neighbour too few");
        flip(&mut hashes, bit);
        prop_assert!(!holds(&hashes));
    }

    #[test]
    fn consistency_holds_and_any_flipped_bit_breaks_it(
        new in 1u64..600, old in any::<proptest::sample::Index>(), bit in any::<proptest::sample::Index>()
    ) {
        let (all, old) = (leaves(new), old.index(new as usize) as u64 + 1);
        let path = consistency_proof(&all, old, new).unwrap();
        let mut hashes = [&[root(&all[..old as usize]), root(&all)], path.as_slice()].concat();
        let holds = |h: &[Hash]| verify_consistency(old, new, &h[2..], &h[0], &h[1]);
        prop_assert!(holds(&hashes));
        prop_assert!(!holds(&[hashes.as_slice(), &[[0; 32]]].concat()), "one hash too many");
        prop_assert!(path.is_empty() || !holds(&hashes[..hashes.len() - 1]), "one hash too few");
        flip(&mut hashes, bit);
        prop_assert!(!holds(&hashes));
    }
}
