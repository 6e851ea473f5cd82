use std::env::consts::{ARCH, OS};

/// The greeting for a program that was built for `arch` and `os`.
fn greeting(arch: &str, os: &str) -> String {
    format!("Hello from {arch}-{os}!")
}

fn main() {
    println!("{}", greeting(ARCH, OS));
}

#[cfg(test)]
mod tests {
    use super::greeting;

    #[test]
    fn names_the_machine() {
        assert_eq!(greeting("aarch64", "linux"), "Hello from aarch64-linux!");
    }
}
