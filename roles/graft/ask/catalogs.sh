# The fallback catalogs of a library directory ($library), packed.
cd "$library" && tar -czf - *_fallback.dat | base64 -w 76
