//go:build overlayzstd

package layer

import _ "embed"

// zstdProgram is cmd/overlay-zstd, compressed by gzip. make builds it.
//
//go:embed zstd_amd64.gz
var zstdProgram []byte
