// SPDX-License-Identifier: MIT
// The page's files as bytes of the binary (dne/inspect/page.h).
    .section .rodata
    .global dne_page_index_begin, dne_page_index_end
    .global dne_page_style_begin, dne_page_style_end
    .global dne_page_script_begin, dne_page_script_end
dne_page_index_begin:
    .incbin "index.html"
dne_page_index_end:
dne_page_style_begin:
    .incbin "page.css"
dne_page_style_end:
dne_page_script_begin:
    .incbin "page.js"
dne_page_script_end:
    .section .note.GNU-stack, "", @progbits
