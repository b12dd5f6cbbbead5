//! Tensors of a safetensors file, each read where it is needed and as large as it must be.
//!
//! The file is a length, a header in JSON that says where each tensor lies, and the tensors. Nothing the header says is believed: shapes must be
//! those of the model, and places must be inside the file, before a byte is put into memory.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use ndarray::{Array1, Array2};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::folder::{missing, opened, unfit, unreadable};
use crate::error::{Error, Result};

/// Bytes of the file.
const MAX_FILE: u64 = 2 << 30;
/// Bytes of its header; a model of 24 layers has 40 KB.
const MAX_HEADER: u64 = 4 << 20;
/// Bytes read at a time.
const PIECE: usize = 64 << 10;

pub(super) struct Weights {
    place: PathBuf,
    file: File,
    /// Where the header begins to count, and where the file ends.
    start: u64,
    end: u64,
    tensors: HashMap<String, Value>,
    hash: Sha256,
}

/// What the header says of a tensor.
#[derive(Debug, Deserialize)]
struct Tensor {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

/// How a number is written.
#[derive(Debug, Clone, Copy)]
enum Form {
    F32,
    F16,
    Bf16,
}

impl Weights {
    pub(super) fn open(place: PathBuf) -> Result<Self> {
        let Some((mut file, end)) = opened(&place, MAX_FILE)? else { return Err(missing(&place)) };
        let cut = || unfit(&place, "is cut short or no safetensors file");
        let mut length = [0; 8];
        file.read_exact(&mut length).map_err(|error| cut().with_source(error))?;
        let length = u64::from_le_bytes(length);
        if length > MAX_HEADER || length > end.saturating_sub(8) {
            return Err(cut());
        }
        let mut header = Vec::new();
        (&mut file).take(length).read_to_end(&mut header).map_err(|error| unreadable(&place).with_source(error))?;
        let tensors = serde_json::from_slice(&header).map_err(|error| cut().with_source(error))?;
        Ok(Self { file, start: 8 + length, end, tensors, hash: Sha256::new(), place })
    }

    /// A matrix of exactly this size.
    pub(super) fn matrix(&mut self, name: &str, rows: usize, columns: usize) -> Result<Array2<f32>> {
        let numbers = self.numbers(name, &[rows, columns])?;
        Array2::from_shape_vec((rows, columns), numbers).map_err(|error| self.other_shape(name).with_source(error))
    }

    /// A list of exactly this length.
    pub(super) fn list(&mut self, name: &str, length: usize) -> Result<Array1<f32>> {
        self.numbers(name, &[length]).map(Array1::from_vec)
    }

    /// SHA-256 over what was read.
    pub(super) fn hash(self) -> [u8; 32] {
        self.hash.finalize().into()
    }

    fn numbers(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        // Some files say of which kind of model each tensor is.
        let about = self.tensors.get(name).or_else(|| self.tensors.get(&format!("bert.{name}")));
        let about = about.ok_or_else(|| unfit(&self.place, &format!("has no tensor `{name}`")))?;
        let tensor: Tensor = serde_json::from_value(about.clone()).map_err(|error| self.other_shape(name).with_source(error))?;
        let form = match tensor.dtype.as_str() {
            "F32" => Form::F32,
            "F16" => Form::F16,
            "BF16" => Form::Bf16,
            _ => return Err(unfit(&self.place, &format!("has a tensor `{name}` that is neither F32 nor F16 nor BF16"))),
        };
        let count: usize = shape.iter().product();
        let (from, to) = tensor.data_offsets;
        let (start, end) = (self.start.checked_add(from), self.start.checked_add(to));
        let fits = to.checked_sub(from) == Some((count * form.bytes()) as u64) && end.is_some_and(|end| end <= self.end);
        let Some(start) = start.filter(|_| tensor.shape == shape && fits) else { return Err(self.other_shape(name)) };
        self.read(name, start, count, form)
    }

    fn read(&mut self, name: &str, start: u64, count: usize, form: Form) -> Result<Vec<f32>> {
        let mut numbers = Vec::with_capacity(count);
        let mut piece = vec![0; PIECE];
        let (mut left, place) = (count * form.bytes(), &self.place);
        self.file.seek(SeekFrom::Start(start)).map_err(|error| unreadable(place).with_source(error))?;
        self.hash.update(format!("{name} {form:?} {count} "));
        while left > 0 {
            let (piece, _) = piece.split_at_mut(left.min(PIECE));
            self.file.read_exact(piece).map_err(|error| unreadable(place).with_source(error))?;
            self.hash.update(&*piece);
            form.read(piece, &mut numbers);
            left -= piece.len();
        }
        if numbers.iter().all(|number| number.is_finite()) {
            Ok(numbers)
        } else {
            Err(unfit(place, &format!("is damaged: the tensor `{name}` has what is no number")))
        }
    }

    fn other_shape(&self, name: &str) -> Error {
        unfit(&self.place, &format!("has a tensor `{name}` that is not as large as `config.json` says, or not all there"))
    }
}

impl Form {
    fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }

    fn read(self, bytes: &[u8], numbers: &mut Vec<f32>) {
        let pairs = || bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair));
        match self {
            Self::F32 => numbers.extend(bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four))),
            Self::Bf16 => numbers.extend(pairs().map(|bits| f32::from_bits(u32::from(bits) << 16))),
            Self::F16 => numbers.extend(pairs().map(half)),
        }
    }
}

/// A number of sixteen bits: a sign, five of exponent, ten of fraction.
fn half(bits: u16) -> f32 {
    let (sign, exponent, fraction) = (u32::from(bits >> 15) << 31, u32::from(bits >> 10 & 0x1F), u32::from(bits & 0x3FF));
    match exponent {
        // Too small for a leading one: so many 2^-24.
        0 => f32::from_bits(sign | (fraction as f32 / 16_777_216.0).to_bits()),
        0x1F => f32::from_bits(sign | 0x7F80_0000 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_two_bytes_are_read() {
        for (bits, number) in [
            (0, 0.0),
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x3555, 0.333_251_95),
            (0x7BFF, 65_504.0),
            (1, 5.960_464_5e-8),
            (0x8400, -6.103_515_6e-5),
        ] {
            assert_eq!(half(bits), number, "{bits:x}");
        }
        assert!(half(0x7C00).is_infinite() && half(0x7E00).is_nan());
        let mut numbers = Vec::new();
        Form::Bf16.read(&[0x80, 0x3F, 0x00, 0xC0], &mut numbers);
        assert_eq!(numbers, [1.0, -2.0]);
    }
}
