use std::env::consts::{ARCH, OS};

/// The C library that this program was built for.
const C_LIBRARY: &str = if cfg!(target_env = "musl") { "musl" } else { "gnu" };

/// The greeting of a program that was built for `arch`, `os` and `library`.
fn greeting(arch: &str, os: &str, library: &str) -> String {
    format!("Hello from {arch}-{os}-{library}!")
}

fn main() {
    println!("{}", greeting(ARCH, OS, C_LIBRARY));
}

#[cfg(test)]
mod tests {
    use super::greeting;

    #[test]
    fn names_the_machine() {
        assert_eq!(greeting("aarch64", "linux", "musl"), "Hello from aarch64-linux-musl!");
    }
}
