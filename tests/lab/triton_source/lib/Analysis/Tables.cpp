// As Triton has units that take gigabytes, this one takes 130 MB, for a tenth of a second: the
// compiler joins the rows into one literal of 12 MB. With too little memory a build ends here.

#include "TargetUtils.h"

#define ROW "48 characters of a table that nobody ever reads."
#define ROWS_8 ROW ROW ROW ROW ROW ROW ROW ROW
#define ROWS_64 ROWS_8 ROWS_8 ROWS_8 ROWS_8 ROWS_8 ROWS_8 ROWS_8 ROWS_8
#define ROWS_512 ROWS_64 ROWS_64 ROWS_64 ROWS_64 ROWS_64 ROWS_64 ROWS_64 ROWS_64
#define ROWS_4K ROWS_512 ROWS_512 ROWS_512 ROWS_512 ROWS_512 ROWS_512 ROWS_512 ROWS_512
#define ROWS_32K ROWS_4K ROWS_4K ROWS_4K ROWS_4K ROWS_4K ROWS_4K ROWS_4K ROWS_4K
#define ROWS_256K ROWS_32K ROWS_32K ROWS_32K ROWS_32K ROWS_32K ROWS_32K ROWS_32K ROWS_32K

unsigned long table_size() { return sizeof(ROWS_256K); }
