// Command verify-log checks a tlog-tiles log with golang.org/x/mod and nothing of this project: the signature of its
// checkpoint, the inclusion of entries, and consistency with an older checkpoint, all from the files of the log.
//
//	verify-log -dir DIR -vkey VKEY [-index 0,7,20 | -index all] [-old CHECKPOINT-FILE]
package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8
const tileWidth = 1 << tileHeight

func main() {
	dir := flag.String("dir", "", "folder of the log")
	vkey := flag.String("vkey", "", "verifier key of the log")
	indexes := flag.String("index", "", "entries to check: numbers joined by commas, or all")
	old := flag.String("old", "", "file with an older checkpoint of the same log")
	flag.Parse()
	if err := run(*dir, *vkey, *indexes, *old); err != nil {
		fmt.Println("FAILED:", err)
		os.Exit(1)
	}
}

func run(dir, vkey, indexes, old string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(filepath.Join(dir, "checkpoint"), verifier)
	if err != nil {
		return err
	}
	fmt.Printf("checkpoint of %s: %d entries, root %v\n", verifier.Name(), tree.N, tree.Hash)
	if tree.N == 0 {
		if tree.Hash != tlog.Hash(sha256.Sum256(nil)) {
			return errors.New("the root of no entries is wrong")
		}
		return nil
	}
	hashes := tlog.TileHashReader(tree, files{dir})

	list, err := parseIndexes(indexes, tree.N)
	if err != nil {
		return err
	}
	for _, index := range list {
		entry, err := readEntry(dir, index, tree.N)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveRecord(tree.N, index, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("entry %d: %v", index, err)
		}
	}
	fmt.Printf("included: %d entries\n", len(list))

	if old != "" {
		older, err := openCheckpoint(old, verifier)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(tree.N, older.N, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash); err != nil {
			return fmt.Errorf("size %d to %d: %v", older.N, tree.N, err)
		}
		fmt.Printf("consistent: %d to %d\n", older.N, tree.N)
	}
	return nil
}

// openCheckpoint verifies a signed note and reads its origin, size and root.
func openCheckpoint(path string, verifier note.Verifier) (tlog.Tree, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("%s: %v", path, err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("%s: not a checkpoint of %s", path, verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return tlog.Tree{}, fmt.Errorf("%s: size %q", path, lines[1])
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, fmt.Errorf("%s: root %q", path, lines[2])
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree, nil
}

// files reads the tiles of a log; tlog.TileHashReader checks each of them against the root before it is used.
type files struct{ dir string }

func (files) Height() int                     { return tileHeight }
func (files) SaveTiles([]tlog.Tile, [][]byte) {}

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		// golang.org/x/mod puts the height into the path, C2SP tlog-tiles does not.
		bytes, err := readTile(f.dir, func(width int) string {
			tile.W = width
			return strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		}, tile.W)
		if err != nil {
			return nil, err
		}
		if len(bytes) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("tile %v has %d bytes", tile, len(bytes))
		}
		data[i] = bytes[:tile.W*tlog.HashSize]
	}
	return data, nil
}

// readTile reads a file of that width, or the full one that has replaced it since.
func readTile(dir string, path func(width int) string, width int) ([]byte, error) {
	full := filepath.Join(dir, filepath.FromSlash(path(tileWidth)))
	bytes, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path(width))))
	if errors.Is(err, os.ErrNotExist) {
		return os.ReadFile(full)
	}
	return bytes, err
}

// readEntry finds an entry in its bundle: each is a big-endian length of two bytes and as many bytes.
func readEntry(dir string, index, size int64) ([]byte, error) {
	n := index / tileWidth
	width := int(size - n*tileWidth)
	if width > tileWidth {
		width = tileWidth
	}
	bundle, err := readTile(dir, func(width int) string {
		tile := tlog.Tile{H: tileHeight, L: 0, N: n, W: width}
		return strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	}, width)
	if err != nil {
		return nil, err
	}
	for i := int64(0); ; i++ {
		if len(bundle) < 2 {
			return nil, fmt.Errorf("entry %d is not in its bundle", index)
		}
		length := int(binary.BigEndian.Uint16(bundle))
		if len(bundle) < 2+length {
			return nil, fmt.Errorf("entry %d is cut off", index)
		}
		if i == index%tileWidth {
			return bundle[2 : 2+length], nil
		}
		bundle = bundle[2+length:]
	}
}

func parseIndexes(text string, size int64) ([]int64, error) {
	var list []int64
	if text == "all" {
		for i := int64(0); i < size; i++ {
			list = append(list, i)
		}
		return list, nil
	}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		index, err := strconv.ParseInt(word, 10, 64)
		if err != nil || index < 0 || index >= size {
			return nil, fmt.Errorf("index %q of %d entries", word, size)
		}
		list = append(list, index)
	}
	return list, nil
}
