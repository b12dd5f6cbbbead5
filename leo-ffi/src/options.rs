//! Options as structs: the first field is the struct's size, so that programs and libraries of different versions understand each other; what
//! is zero or NULL is not given.

use std::ffi::c_char;
use std::mem::{MaybeUninit, size_of};

use leo::{Error, Result};
use leo_bridge::arguments::{parse, place, suite};
use serde_json::{Map, Value as Json};
use tokio_util::sync::CancellationToken;

use crate::boundary::{optional, text};
use crate::runtime::LeoCancel;

/// Options of `leo_ask`, `leo_ask_query` and `leo_ask_stream`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LeoAskOptions {
    /// `sizeof(LeoAskOptions)`.
    pub size: usize,
    /// Id of the source; needed when there are several.
    pub source: *const c_char,
    /// The day relative windows count from, such as `2024-06-30`, instead of today.
    pub as_of: *const c_char,
    /// Rows of the answer at most.
    pub max_rows: u64,
    /// Milliseconds for the statement.
    pub timeout_ms: u64,
    /// Settings for this call alone, a JSON object.
    pub settings: *const c_char,
    /// Cancels the call. It is only looked at during the function it is given to, and by the stream that it begins.
    pub cancel: *const LeoCancel,
    /// Id of the conversation that the question belongs to; begun where there is none.
    pub session: *const c_char,
}

/// Options of `leo_sql`, `leo_sql_stream`, `leo_vet` and `leo_lineage`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LeoSqlOptions {
    /// `sizeof(LeoSqlOptions)`.
    pub size: usize,
    /// Values of the placeholders in order, a JSON array.
    pub params: *const c_char,
    /// Id of the source; needed when there are several.
    pub source: *const c_char,
    /// Rows of the result at most.
    pub max_rows: u64,
    /// Milliseconds for the statement.
    pub timeout_ms: u64,
    /// Settings for this call alone, a JSON object.
    pub settings: *const c_char,
    /// Cancels the call, and the stream that it begins.
    pub cancel: *const LeoCancel,
    /// Where `leo_sql_stream` writes 1 when the rows end and there were more than `max_rows`, 5,000 unless given. It must be there until the stream is
    /// released.
    pub truncated: *mut i32,
}

/// Options of `leo_sync` and `leo_sync_stream`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LeoSyncOptions {
    /// `sizeof(LeoSyncOptions)`.
    pub size: usize,
    /// Id of the source; needed when there are several.
    pub source: *const c_char,
    /// Globs over `schema.table`, a JSON array; all tables unless given.
    pub include: *const c_char,
    /// Globs over `schema.table`, a JSON array; they win.
    pub exclude: *const c_char,
    /// Whether tables are read for statistics: 1 yes, -1 no, 0 as usual, which is yes.
    pub profile: i32,
    /// Milliseconds for one table.
    pub table_timeout_ms: u64,
    /// Cancels the call, and the stream that it begins.
    pub cancel: *const LeoCancel,
    /// Tables read at a time; 2 unless given.
    pub parallel: u64,
    /// Tables, `schema.table`, whose rows are read, a JSON array; what is known of others stays. All unless given.
    pub only: *const c_char,
}

/// Options of `leo_evaluate`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LeoEvaluateOptions {
    /// `sizeof(LeoEvaluateOptions)`.
    pub size: usize,
    /// Id of the source that rows ask which name none; needed when there are several.
    pub source: *const c_char,
    /// The day relative windows count from, such as `2024-06-30`, instead of today.
    pub as_of: *const c_char,
    /// How many rows of the suite are asked, from the first on; all unless given.
    pub limit: u64,
    /// Conversations asked at the same time; 2 unless given.
    pub workers: u64,
    /// Whether each turn of a conversation is asked as if nothing had come before it: 1 yes, -1 no, 0 as usual, which is no.
    pub one_by_one: i32,
    /// What the run has to reach, a JSON object; what it misses is told as `missed`.
    pub gates: *const c_char,
    /// What `leo_evaluate` gave earlier, to compare with: the difference is told as `comparison`.
    pub baseline: *const c_char,
    /// Cancels the call.
    pub cancel: *const LeoCancel,
}

/// Options of `leo_open`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LeoOpenOptions {
    /// `sizeof(LeoOpenOptions)`.
    pub size: usize,
    /// Id of the source; the name of its database or file unless given.
    pub id: *const c_char,
    /// Whether statements may run: 1 yes, -1 no, 0 as usual, which is yes.
    pub execution: i32,
    /// Settings for the whole process, a JSON object.
    pub settings: *const c_char,
    /// Metrics and synonyms, a JSON object.
    pub knowledge: *const c_char,
    /// Columns with personal data, a JSON object: `table.column` to kind.
    pub personal_data: *const c_char,
    /// The day relative windows count from, for data that was frozen then.
    pub as_of: *const c_char,
    /// The file that the audit is written to; in memory unless given.
    pub audit: *const c_char,
    /// Milliseconds that the host's own parts have for one call; 30,000 unless given.
    pub adapter_timeout_ms: u64,
    /// The file that what outlives the process is kept in, made where there is none; in memory unless given.
    pub storage: *const c_char,
    /// The environment variable with keys (`id:key,…`) that seal what the storage keeps of rows; nothing of rows is kept without.
    pub keys: *const c_char,
    /// Who is asked where the built-in planner has no answer: `openai:gpt-5-mini`, `replay:FOLDER` …, or a JSON object of fields, or a JSON array
    /// of these, asked one after the other behind the host's own.
    pub model: *const c_char,
    /// The folder that what models answer is recorded in, to be played again by `replay:FOLDER`.
    pub record_models: *const c_char,
}

/// Options of `leo_build`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LeoBuildOptions {
    /// `sizeof(LeoBuildOptions)`.
    pub size: usize,
    /// `embedded` (tenants and untrusted users), which is what it is unless given, or `local` (one trusted person).
    pub preset: *const c_char,
    /// The sources for all tenants, a JSON array: each a place, or an object with the fields of `LeoSourceOptions`.
    pub sources: *const c_char,
    /// Settings for the whole process, a JSON object.
    pub settings: *const c_char,
    /// Whether statements may run at sources that do not say so themselves: 1 yes, -1 no, 0 as the preset has it.
    pub execution: i32,
    /// The user calls are made for where none is bound, in the preset `local`: a JSON object with the arguments of `leo_for_user`.
    pub identity: *const c_char,
    /// The file that the audit is written to.
    pub audit: *const c_char,
    /// Milliseconds that the host's own parts have for one call; 30,000 unless given.
    pub adapter_timeout_ms: u64,
    /// The file that what outlives the process is kept in, made where there is none; in memory unless given.
    pub storage: *const c_char,
    /// The environment variable with keys (`id:key,…`) that seal what the storage keeps of rows; nothing of rows is kept without.
    pub keys: *const c_char,
    /// Who is asked where the built-in planner has no answer: `openai:gpt-5-mini`, `replay:FOLDER` …, or a JSON object of fields, or a JSON array
    /// of these, asked one after the other behind the host's own.
    pub model: *const c_char,
    /// The folder that what models answer is recorded in, to be played again by `replay:FOLDER`.
    pub record_models: *const c_char,
}

/// Options of `leo_for_user`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LeoUserOptions {
    /// `sizeof(LeoUserOptions)`.
    pub size: usize,
    /// The user's roles, a JSON array.
    pub roles: *const c_char,
    /// Attributes for row filters, a JSON object.
    pub attributes: *const c_char,
    /// IANA name of the user's zone.
    pub time_zone: *const c_char,
    /// BCP 47 tag.
    pub locale: *const c_char,
    /// The moment the question is asked, in ISO form with its offset; the clock's unless given.
    pub now: *const c_char,
    /// The conversation.
    pub session: *const c_char,
    /// Where the call comes from, a JSON object.
    pub client: *const c_char,
    /// W3C `traceparent`.
    pub trace_parent: *const c_char,
    /// Milliseconds that all calls of the handle have together, from now.
    pub timeout_ms: u64,
}

/// A source for `leo_sources_add`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LeoSourceOptions {
    /// `sizeof(LeoSourceOptions)`.
    pub size: usize,
    /// Path, URL, ADO string, or a JSON object of fields.
    pub place: *const c_char,
    /// What a source is that a part of the host's reads, a JSON object; such sources are given to `leo_build`.
    pub connector: *const c_char,
    /// Its id; the name of its database or file unless given.
    pub id: *const c_char,
    /// Whether statements may run: 1 yes, -1 no, 0 as usual.
    pub execution: i32,
    /// Settings for questions to this source, a JSON object.
    pub settings: *const c_char,
    /// Metrics and synonyms, a JSON object.
    pub knowledge: *const c_char,
    /// Columns with personal data, a JSON object: `table.column` to kind.
    pub personal_data: *const c_char,
    /// The day relative windows count from, for data that was frozen then.
    pub as_of: *const c_char,
}

/// A struct of options: all zero bytes say that nothing is given.
pub(crate) unsafe trait Options: Copy {
    /// Adds what is given to the arguments of a call.
    unsafe fn put(&self, into: &mut Arguments) -> Result<()>;

    /// What cancels the call.
    fn cancel(&self) -> *const LeoCancel {
        std::ptr::null()
    }
}

macro_rules! options {
    ($type:ident { $($field:ident: $kind:ident),* $(,)? } $(cancel: $cancel:ident)?) => {
        // SAFETY: pointers and numbers only.
        unsafe impl Options for $type {
            unsafe fn put(&self, into: &mut Arguments) -> Result<()> {
                $(into.$kind(stringify!($field), self.$field)?;)*
                Ok(())
            }

            $(fn cancel(&self) -> *const LeoCancel {
                self.$cancel
            })?
        }
    };
}

options!(LeoAskOptions { source: string, as_of: string, max_rows: number, timeout_ms: number, settings: json, session: string } cancel: cancel);
options!(LeoSqlOptions { params: json, source: string, max_rows: number, timeout_ms: number, settings: json } cancel: cancel);
options!(LeoSyncOptions { source: string, include: json, exclude: json, profile: switch, table_timeout_ms: number, parallel: number, only: json } cancel: cancel);
options!(LeoEvaluateOptions { source: string, as_of: string, limit: number, workers: number, one_by_one: switch, gates: json, baseline: json } cancel: cancel);
options!(LeoOpenOptions {
    id: string,
    execution: switch,
    settings: json,
    knowledge: json,
    personal_data: json,
    as_of: string,
    audit: string,
    adapter_timeout_ms: number,
    storage: string,
    keys: string,
    model: string,
    record_models: string,
});
options!(LeoBuildOptions {
    preset: string,
    sources: json,
    settings: json,
    execution: switch,
    identity: json,
    audit: string,
    adapter_timeout_ms: number,
    storage: string,
    keys: string,
    model: string,
    record_models: string,
});
options!(LeoUserOptions {
    roles: json,
    attributes: json,
    time_zone: string,
    locale: string,
    now: string,
    session: string,
    client: json,
    trace_parent: string,
    timeout_ms: number,
});
options!(LeoSourceOptions {
    place: place,
    connector: json,
    id: string,
    execution: switch,
    settings: json,
    knowledge: json,
    personal_data: json,
    as_of: string,
});

/// No struct of options is near this.
const LARGEST: usize = 4_096;

/// Arguments of a call on their way into the bridge.
#[derive(Default)]
pub(crate) struct Arguments {
    named: Map<String, Json>,
    cancel: Option<CancellationToken>,
}

impl Arguments {
    /// What cancels the call, and what it is given.
    pub(crate) fn into_parts(self) -> (Option<CancellationToken>, Json) {
        (self.cancel, Json::Object(self.named))
    }

    /// What cancels the call.
    pub(crate) fn token(&self) -> Option<CancellationToken> {
        self.cancel.clone()
    }

    /// A text that must be given.
    pub(crate) unsafe fn text(mut self, name: &str, value: *const c_char) -> Result<Self> {
        self.named.insert(name.to_owned(), text(name, value)?.into());
        Ok(self)
    }

    /// JSON that must be given.
    pub(crate) unsafe fn data(mut self, name: &str, value: *const c_char) -> Result<Self> {
        self.named.insert(name.to_owned(), parse(name, text(name, value)?)?);
        Ok(self)
    }

    /// A path, URL, ADO string or object of fields that must be given.
    pub(crate) unsafe fn at(mut self, name: &str, value: *const c_char) -> Result<Self> {
        text(name, value)?;
        self.place(name, value)?;
        Ok(self)
    }

    /// The text of a suite that must be given, or where it is.
    pub(crate) unsafe fn suite(mut self, name: &str, value: *const c_char) -> Result<Self> {
        self.named.insert(name.to_owned(), suite(text(name, value)?));
        Ok(self)
    }

    /// Something else.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.named.insert(name.to_owned(), value.into());
        self
    }

    /// A text, unless it is NULL.
    pub(crate) unsafe fn maybe(mut self, name: &str, value: *const c_char) -> Result<Self> {
        self.string(name, value)?;
        Ok(self)
    }

    /// What the struct at `options` gives; nothing for NULL.
    pub(crate) unsafe fn options<T: Options>(mut self, options: *const T) -> Result<Self> {
        if let Some(options) = read(options)? {
            options.put(&mut self)?;
            self.cancel = options.cancel().as_ref().map(LeoCancel::token);
        }
        Ok(self)
    }

    unsafe fn string(&mut self, name: &str, value: *const c_char) -> Result<()> {
        if let Some(value) = optional(name, value)? {
            self.named.insert(name.to_owned(), value.into());
        }
        Ok(())
    }

    unsafe fn json(&mut self, name: &str, value: *const c_char) -> Result<()> {
        if let Some(value) = optional(name, value)? {
            self.named.insert(name.to_owned(), parse(name, value)?);
        }
        Ok(())
    }

    unsafe fn place(&mut self, name: &str, value: *const c_char) -> Result<()> {
        if let Some(value) = optional(name, value)? {
            self.named.insert(name.to_owned(), place(name, value)?);
        }
        Ok(())
    }

    unsafe fn number(&mut self, name: &str, value: u64) -> Result<()> {
        if value != 0 {
            self.named.insert(name.to_owned(), value.into());
        }
        Ok(())
    }

    unsafe fn switch(&mut self, name: &str, value: i32) -> Result<()> {
        let on = match value {
            0 => return Ok(()),
            1 => true,
            -1 => false,
            _ => return Err(Error::config(format!("`{name}` is 1 for yes, -1 for no, or 0 for neither"))),
        };
        self.named.insert(name.to_owned(), on.into());
        Ok(())
    }
}

/// A struct of options that may be shorter (of an older program) or longer (of a newer one) than it is here.
pub(crate) unsafe fn read<T: Options>(options: *const T) -> Result<Option<T>> {
    if options.is_null() {
        return Ok(None);
    }
    let (known, told) = (size_of::<T>(), options.cast::<usize>().read_unaligned());
    if !(size_of::<usize>()..=LARGEST).contains(&told) {
        return Err(Error::config("the options say no size; set their `size` to the sizeof of the struct"));
    }
    let bytes = options.cast::<u8>();
    if (known..told).any(|unknown| bytes.add(unknown).read() != 0) {
        return Err(Error::unsupported("the options set what this version of the library does not know; load a newer one"));
    }
    let mut whole = MaybeUninit::<T>::zeroed();
    std::ptr::copy_nonoverlapping(bytes, whole.as_mut_ptr().cast(), told.min(known));
    // SAFETY: `Options` are pointers and numbers, for which zero bytes and what C wrote are values.
    Ok(Some(whole.assume_init()))
}
