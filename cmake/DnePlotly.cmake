# The file that scripts/fetch_plotly.sh unpacks: plotly.js, which draws the charts of reports and
# goes into each of them. MIT.
enable_language(ASM)
set(DNE_PLOTLY_JS "${CMAKE_SOURCE_DIR}/build/deps/plotly-6.3.1/plotly.min.js" CACHE FILEPATH
    "plotly.min.js of plotly 6.3.1")
if(NOT EXISTS "${DNE_PLOTLY_JS}")
  message(FATAL_ERROR "${DNE_PLOTLY_JS} is missing.\nRun scripts/fetch_plotly.sh.")
endif()
