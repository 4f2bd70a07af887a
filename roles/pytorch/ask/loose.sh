# Files of $arch that our wheels have not brought.
find "$library" -maxdepth 1 -name "*$arch*" 2>/dev/null | grep -vxF -e "$brought" || [ $? = 1 ]
