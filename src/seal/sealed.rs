//! One object sealed to one case: a form, an attachment, a letter of the thread, the
//! restricted part.
//!
//! Two ways, by what a length may tell. [`seal_object`] is for content whose size is no
//! secret. [`seal_padded`] is for the restricted part (DOMAIN section 3): every referral
//! has one, and a reader of the store must not see from its length whether anybody
//! answered the questions about safeguarding and domestic abuse. The padding is inside
//! the seal: four bytes of length (big endian), the content, zeroes.

use zeroize::Zeroizing;

use super::envelope::{SealError, SizeClasses, decrypt, encrypt, encrypt_to_class};
use super::hybrid::{HybridIdentity, HybridRecipient};

/// Sizes of a padded restricted part: 4, 16 or 64 KiB, then multiples of 64 KiB.
/// An empty part and one of up to 3,836 bytes are equally long.
pub const RESTRICTED_CLASSES: SizeClasses = SizeClasses(&[32_768, 65_536]);

/// Sizes of small padded things that say nothing of the restricted answers: 4, 16 or 64 KiB.
pub const SMALL_CLASSES: SizeClasses = SizeClasses(&[4096, 16_384, 65_536]);

/// Bytes of the length in front of padded content.
const LENGTH_BYTES: usize = 4;

/// Seals content to a case. The sealed length tells the content's, give or take 190 bytes.
pub fn seal_object(case: &HybridRecipient, plain: &[u8]) -> Vec<u8> {
    encrypt(&[case], plain)
}

/// Opens what [`seal_object`] made. Memory: about the size of the sealed bytes. Nothing is returned unless the last byte was verified.
///
/// # Errors
/// [`SealError::OtherKey`] for another case's object, [`SealError::Damaged`] otherwise.
pub fn open_object(case: &HybridIdentity, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    decrypt(case, sealed)
}

/// Seals content to a case, padded so that the sealed length tells its size class only.
///
/// # Errors
/// [`SealError::TooLong`] from 4 GiB on.
pub fn seal_padded(case: &HybridRecipient, plain: &[u8], classes: SizeClasses) -> Result<Vec<u8>, SealError> {
    let length = u32::try_from(plain.len()).map_err(|_| SealError::TooLong)?;
    let content = LENGTH_BYTES + plain.len();
    Ok(encrypt_to_class(&[case], classes, content, |target| pad(length, plain, target)))
}

/// Opens what [`seal_padded`] made and takes the padding off.
///
/// # Errors
/// As [`open_object`]; [`SealError::Malformed`] where the padding is not what we write.
pub fn open_padded(case: &HybridIdentity, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let padded = decrypt(case, sealed)?;
    Ok(Zeroizing::new(unpad(&padded)?.to_vec()))
}

fn pad(length: u32, plain: &[u8], target: usize) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(target));
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(plain);
    out.resize(target, 0);
    out
}

fn unpad(padded: &[u8]) -> Result<&[u8], SealError> {
    let (length, rest) = padded
        .split_first_chunk::<LENGTH_BYTES>()
        .ok_or(SealError::Malformed("no length before the content"))?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| SealError::TooLong)?;
    let (content, padding) =
        rest.split_at_checked(length).ok_or(SealError::Malformed("longer inside than outside"))?;
    if padding.iter().any(|byte| *byte != 0) {
        return Err(SealError::Malformed("padding that is not zeroes"));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_object_comes_back_and_only_for_its_own_case() {
        let (mine, other) = (HybridIdentity::generate(), HybridIdentity::generate());
        for plain in [&b""[..], b"form", &[7; 200_000][..]] {
            let sealed = seal_object(mine.recipient(), plain);
            assert_eq!(open_object(&mine, &sealed).unwrap().as_slice(), plain);
            assert_eq!(open_object(&other, &sealed).err(), Some(SealError::OtherKey));
        }
    }

    #[test]
    fn no_flipped_bit_goes_unnoticed() {
        let mine = HybridIdentity::generate();
        let sealed = seal_object(mine.recipient(), &[1; 3000]);
        for at in (0..sealed.len()).step_by(97).chain([sealed.len() - 1]) {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            assert!(open_object(&mine, &bad).is_err(), "byte {at}");
        }
    }

    #[test]
    fn cut_off_at_any_place_it_yields_nothing() {
        let mine = HybridIdentity::generate();
        let sealed = seal_object(mine.recipient(), &[1; 150_000]);
        // The block ends are where a careless reader would stop content.
        let blocks = [sealed.len() - 1, sealed.len() - 65_552, sealed.len() - 2 * 65_552];
        for end in (0..sealed.len()).step_by(4_999).chain(blocks) {
            assert_eq!(open_object(&mine, &sealed[..end]).err(), Some(SealError::Damaged), "to {end}");
        }
        let more = [&sealed[..], b"x"].concat();
        assert_eq!(open_object(&mine, &more).err(), Some(SealError::Damaged));
    }

    #[test]
    fn padding_is_read_strictly() {
        assert_eq!(unpad(&[0, 0, 0, 1, 9, 0, 0]).unwrap(), [9]);
        assert_eq!(unpad(&[0, 0, 0, 0]).unwrap(), b"");
        for bad in [&[0, 0, 0][..], &[0, 0, 0, 2, 9], &[0, 0, 0, 1, 9, 0, 1], &[255, 255, 255, 255, 9]] {
            assert!(matches!(unpad(bad), Err(SealError::Malformed(_))));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn empty_and_filled_restricted_parts_are_equally_long(
            plain in proptest::collection::vec(any::<u8>(), 0..=3836),
        ) {
            let case = HybridIdentity::generate();
            let filled = seal_padded(case.recipient(), &plain, RESTRICTED_CLASSES).unwrap();
            let empty = seal_padded(case.recipient(), b"", RESTRICTED_CLASSES).unwrap();
            prop_assert_eq!(filled.len(), empty.len());
            let opened = open_padded(&case, &filled).unwrap();
            prop_assert_eq!(opened.as_slice(), &plain[..]);
            let opened = open_padded(&case, &empty).unwrap();
            prop_assert_eq!(opened.as_slice(), b"");
        }
    }

    #[test]
    fn the_class_grows_only_past_its_limit() {
        let case = HybridIdentity::generate();
        let len = |n| seal_padded(case.recipient(), &vec![5; n], SMALL_CLASSES).unwrap().len();
        assert!(len(3836) < len(3837));
        assert_eq!(len(3837), len(16_000));
        assert_eq!(len(66_000), len(130_000));
        let large = seal_padded(case.recipient(), &vec![5; 130_000], SMALL_CLASSES).unwrap();
        assert_eq!(open_padded(&case, &large).unwrap().len(), 130_000);
    }
}
