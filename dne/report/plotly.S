// SPDX-License-Identifier: MIT
// plotly.js as bytes of the binary (dne/report/plotly.h).
    .section .rodata
    .global dne_plotly_begin
    .global dne_plotly_end
dne_plotly_begin:
    .incbin DNE_PLOTLY_JS
dne_plotly_end:
    .section .note.GNU-stack, "", @progbits
