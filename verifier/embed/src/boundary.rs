//! The functions that C and JavaScript call. Each turns its pointers into slices, asks the session and
//! hands the answer over; none keeps a pointer that it was given.
//!
//! Null where a thing is required, and lengths beyond what can be, give an answer with
//! [`Status::Misuse`]. In the C library a panic does not leave a function: it is answered as misuse
//! too. The WebAssembly module cannot unwind: there it is a trap, and the instance must be loaded anew.

#![expect(
    unsafe_code,
    reason = "pointers of other languages come in here and nowhere else"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use crate::answer::{Answer, Status};
use crate::session::Session;

// Any number of threads may launch from one session: the compiler holds us to what the header says.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Session>();
};

/// Goes on with what the caller gave, or answers that it is misuse.
macro_rules! given {
    ($read:expr) => {
        match $read {
            Ok(given) => given,
            Err(misuse) => return handed(misuse),
        }
    };
}

/// Opens a verifier. `state` may be null. On success `*verifier` is a handle for
/// [`mp_verifier_close`]; otherwise it is null.
///
/// # Safety
/// Each pointer with a length points to that many readable bytes or is null; `verifier` points to a
/// writable pointer or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_verifier_open(
    root: *const u8,
    root_len: usize,
    settings: *const u8,
    settings_len: usize,
    state: *const u8,
    state_len: usize,
    verifier: *mut *mut Session,
) -> *mut Answer {
    if verifier.is_null() {
        return handed(Answer::misuse("verifier is null"));
    }
    // SAFETY: not null, and writable as the caller promises.
    unsafe { verifier.write(std::ptr::null_mut()) };
    // SAFETY: as the caller promises.
    let root = given!(unsafe { needed("root", root, root_len) });
    // SAFETY: as the caller promises.
    let settings = given!(unsafe { needed("settings", settings, settings_len) });
    // SAFETY: as the caller promises.
    let state = given!(unsafe { bytes("state", state, state_len) });
    let opened = guarded(|| Session::open(root, settings, state));
    match opened {
        Ok(Ok(session)) => {
            let session = Box::into_raw(Box::new(session));
            // SAFETY: not null, and writable as the caller promises.
            unsafe { verifier.write(session) };
            handed(Answer::accepted(&()))
        }
        Ok(Err(answer)) | Err(answer) => handed(answer),
    }
}

/// Closes a verifier; null is passed over.
///
/// # Safety
/// `verifier` came from [`mp_verifier_open`], is not used by another thread, and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_verifier_close(verifier: *mut Session) {
    if !verifier.is_null() {
        // SAFETY: a box that `mp_verifier_open` gave away, given back once.
        drop(unsafe { Box::from_raw(verifier) });
    }
}

/// Begins a refresh of the trust configuration: what an earlier one has left behind is forgotten.
///
/// # Safety
/// `verifier` is an open handle that no other thread uses now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_trust_begin(verifier: *mut Session) -> *mut Answer {
    // SAFETY: as the caller promises.
    unsafe { with(verifier, Session::trust_begin) }
}

/// The next file of the trust repository that is wanted.
///
/// # Safety
/// `verifier` is an open handle that no other thread uses now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_trust_wanted(verifier: *mut Session) -> *mut Answer {
    // SAFETY: as the caller promises.
    unsafe { with(verifier, Session::trust_wanted) }
}

/// Takes the file that was wanted; null says that it is not there.
///
/// # Safety
/// `verifier` is an open handle that no other thread uses now; `file` points to `file_len` readable
/// bytes or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_trust_take(
    verifier: *mut Session,
    file: *const u8,
    file_len: usize,
) -> *mut Answer {
    // SAFETY: as the caller promises.
    let file = given!(unsafe { bytes("file", file, file_len) });
    // SAFETY: as the caller promises.
    unsafe { with(verifier, |session| session.trust_take(file)) }
}

/// Verifies the trust files that were taken and uses them from now on.
///
/// # Safety
/// `verifier` is an open handle that no other thread uses now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_trust_update(verifier: *mut Session, now: i64) -> *mut Answer {
    // SAFETY: as the caller promises.
    unsafe { with(verifier, |session| session.trust_update(now)) }
}

/// Takes in a status list token; `from`, the address that it was fetched from, may be null.
///
/// # Safety
/// `verifier` is an open handle that no other thread uses now; each pointer with a length points to
/// that many readable bytes or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_status_update(
    verifier: *mut Session,
    token: *const u8,
    token_len: usize,
    from: *const u8,
    from_len: usize,
    now: i64,
) -> *mut Answer {
    // SAFETY: as the caller promises.
    let token = given!(unsafe { needed("token", token, token_len) });
    // SAFETY: as the caller promises.
    let from = given!(unsafe { bytes("from", from, from_len) });
    // SAFETY: as the caller promises.
    unsafe { with(verifier, |session| session.status_update(token, from, now)) }
}

/// Takes in an approval with its ticket, which may be null where the settings allow it.
///
/// # Safety
/// `verifier` is an open handle that no other thread uses now; each pointer with a length points to
/// that many readable bytes or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_ingest(
    verifier: *mut Session,
    approval: *const u8,
    approval_len: usize,
    ticket: *const u8,
    ticket_len: usize,
    now: i64,
) -> *mut Answer {
    // SAFETY: as the caller promises.
    let approval = given!(unsafe { needed("approval", approval, approval_len) });
    // SAFETY: as the caller promises.
    let ticket = given!(unsafe { bytes("ticket", ticket, ticket_len) });
    // SAFETY: as the caller promises.
    unsafe { with(verifier, |session| session.ingest(approval, ticket, now)) }
}

/// Decides about a launch. Any number of threads may ask at once while none changes the verifier.
///
/// # Safety
/// `verifier` is an open handle that no other thread changes now; `request` points to `request_len`
/// readable bytes or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_launch(
    verifier: *const Session,
    request: *const u8,
    request_len: usize,
    now: i64,
) -> *mut Answer {
    // SAFETY: as the caller promises.
    let request = given!(unsafe { needed("request", request, request_len) });
    // SAFETY: as the caller promises.
    unsafe { asking(verifier, |session| session.launch(request, now)) }
}

/// The state, to be kept and given to [`mp_verifier_open`].
///
/// # Safety
/// `verifier` is an open handle that no other thread changes now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_verifier_save(verifier: *const Session) -> *mut Answer {
    // SAFETY: as the caller promises.
    unsafe { asking(verifier, Session::save) }
}

/// How the call went: 0 accepted, 1 refused, 2 misuse. Null, too, is misuse.
///
/// # Safety
/// `answer` came from a function here and has not been freed, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_answer_status(answer: *const Answer) -> i32 {
    // SAFETY: as the caller promises.
    let answer = unsafe { answer.as_ref() };
    answer.map_or(Status::Misuse, Answer::status) as i32
}

/// The JSON, UTF-8 without a final zero; valid until the answer is freed.
///
/// # Safety
/// `answer` came from a function here and has not been freed, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_answer_json(answer: *const Answer) -> *const u8 {
    // SAFETY: as the caller promises.
    let answer = unsafe { answer.as_ref() };
    answer.map_or(std::ptr::null(), |answer| answer.json().as_ptr())
}

/// The length of the JSON in bytes.
///
/// # Safety
/// `answer` came from a function here and has not been freed, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_answer_len(answer: *const Answer) -> usize {
    // SAFETY: as the caller promises.
    let answer = unsafe { answer.as_ref() };
    answer.map_or(0, |answer| answer.json().len())
}

/// Frees an answer; null is passed over.
///
/// # Safety
/// `answer` came from a function here and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_answer_free(answer: *mut Answer) {
    if !answer.is_null() {
        // SAFETY: a box that `handed` gave away, given back once.
        drop(unsafe { Box::from_raw(answer) });
    }
}

/// Memory for a caller who cannot bring its own (JavaScript); for [`mp_free`]. Null when there is not
/// that much.
#[unsafe(no_mangle)]
pub extern "C" fn mp_alloc(len: usize) -> *mut u8 {
    let mut memory = Vec::new();
    if memory.try_reserve_exact(len).is_err() {
        return std::ptr::null_mut();
    }
    memory.resize(len, 0_u8);
    Box::into_raw(memory.into_boxed_slice()).cast()
}

/// Frees what [`mp_alloc`] gave.
///
/// # Safety
/// `memory` came from `mp_alloc(len)` and is not used again, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mp_free(memory: *mut u8, len: usize) {
    if !memory.is_null() {
        let whole = std::ptr::slice_from_raw_parts_mut(memory, len);
        // SAFETY: a boxed slice of this length that `mp_alloc` gave away, given back once.
        drop(unsafe { Box::from_raw(whole) });
    }
}

/// The bytes, or `None` for null. A length that nothing can have is no way to leave a thing out: it
/// would drop a saved state, or the address to compare with.
///
/// # Safety
/// `start` points to `len` readable bytes that do not change while the slice lives, or is null, or
/// `len` is more than memory can hold.
unsafe fn bytes<'a>(what: &str, start: *const u8, len: usize) -> Result<Option<&'a [u8]>, Answer> {
    if start.is_null() {
        return Ok(None);
    }
    if isize::try_from(len).is_err() {
        return Err(Answer::misuse(&format!("{what} has an impossible length")));
    }
    // SAFETY: not null, not too long, and readable as the caller promises.
    Ok(Some(unsafe { slice::from_raw_parts(start, len) }))
}

/// The bytes of what may not be null.
///
/// # Safety
/// As of [`bytes`].
unsafe fn needed<'a>(what: &str, start: *const u8, len: usize) -> Result<&'a [u8], Answer> {
    // SAFETY: as the caller promises.
    let given = unsafe { bytes(what, start, len) }?;
    given.ok_or_else(|| Answer::misuse(&format!("{what} is null")))
}

/// # Safety
/// `verifier` is an open handle that no other thread uses now, or null.
unsafe fn with(verifier: *mut Session, act: impl FnOnce(&mut Session) -> Answer) -> *mut Answer {
    // SAFETY: as the caller promises.
    let Some(session) = (unsafe { verifier.as_mut() }) else {
        return handed(Answer::misuse("verifier is null"));
    };
    handed(guarded(|| act(session)).unwrap_or_else(|panicked| panicked))
}

/// # Safety
/// `verifier` is an open handle that no other thread changes now, or null.
unsafe fn asking(verifier: *const Session, ask: impl FnOnce(&Session) -> Answer) -> *mut Answer {
    // SAFETY: as the caller promises.
    let Some(session) = (unsafe { verifier.as_ref() }) else {
        return handed(Answer::misuse("verifier is null"));
    };
    handed(guarded(|| ask(session)).unwrap_or_else(|panicked| panicked))
}

fn guarded<T>(act: impl FnOnce() -> T) -> Result<T, Answer> {
    catch_unwind(AssertUnwindSafe(act)).map_err(|_| {
        Answer::misuse(
            "the verifier stopped on a defect of its own: open it anew from a saved state",
        )
    })
}

fn handed(answer: Answer) -> *mut Answer {
    Box::into_raw(Box::new(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_nothing_and_an_impossible_length_is_misuse() {
        let byte = [7_u8];
        // SAFETY: null, or one byte that is there.
        let read = |start: *const u8, len| unsafe { bytes("state", start, len) };
        assert_eq!(read(std::ptr::null(), 0), Ok(None));
        assert_eq!(read(std::ptr::null(), usize::MAX), Ok(None));
        assert_eq!(read(byte.as_ptr(), 1), Ok(Some(byte.as_slice())));
        for len in [usize::MAX, isize::MAX.unsigned_abs() + 1] {
            let misuse = read(byte.as_ptr(), len).unwrap_err();
            assert_eq!(misuse.status(), Status::Misuse);
            assert!(misuse.json().contains("state has an impossible length"));
            let mut session = std::ptr::null_mut();
            // SAFETY: refused before the state is read.
            let answer = unsafe {
                mp_verifier_open(
                    byte.as_ptr(),
                    1,
                    byte.as_ptr(),
                    1,
                    byte.as_ptr(),
                    len,
                    &raw mut session,
                )
            };
            // SAFETY: an answer that was just handed over, used once.
            let answer = unsafe { Box::from_raw(answer) };
            assert_eq!(*answer, misuse);
        }
    }

    #[test]
    fn memory_that_is_not_there_is_null() {
        assert!(mp_alloc(usize::MAX).is_null());
        for len in [0, 1, 4096] {
            let memory = mp_alloc(len);
            assert!(!memory.is_null());
            // SAFETY: given by `mp_alloc` with this length, freed once.
            unsafe { mp_free(memory, len) };
        }
    }
}
