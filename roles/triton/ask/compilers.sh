# A compiler for C, which a Triton that runs takes, and one for C++, for building one.
command -v gcc >/dev/null && echo c
command -v g++ >/dev/null && echo c++
