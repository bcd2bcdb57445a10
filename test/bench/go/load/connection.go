package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

const patience = 10 * time.Second

// connection is one of HTTP/1.1 that is kept. It reads as much of HTTP as answers of gateways have, and allocates nothing.
type connection struct {
	socket net.Conn
	reader *bufio.Reader
	body   []byte
}

func dial(address string) (*connection, error) {
	socket, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return nil, err
	}
	return &connection{socket: socket, reader: bufio.NewReaderSize(socket, 32<<10)}, nil
}

// exchange sends a request and reads its whole answer; the body is good until the next one.
func (c *connection) exchange(request []byte) (status int, body []byte, err error) {
	if err := c.socket.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, nil, err
	}
	if _, err := c.socket.Write(request); err != nil {
		return 0, nil, err
	}
	status, length, err := c.head()
	if err != nil {
		return 0, nil, err
	}
	c.body = c.body[:0]
	if length >= 0 {
		err = c.take(length)
	} else {
		err = c.chunks()
	}
	return status, c.body, err
}

// head gives the length of the body, or -1 where it comes in chunks.
func (c *connection) head() (status, length int, err error) {
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return 0, 0, err
	}
	if len(line) < 12 {
		return 0, 0, fmt.Errorf("no status line: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, err
	}
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return 0, 0, err
		}
		name, value, ok := bytes.Cut(bytes.TrimSpace(line), []byte(":"))
		if !ok {
			return status, length, nil
		}
		switch {
		case bytes.EqualFold(name, []byte("content-length")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, 0, err
			}
		case bytes.EqualFold(name, []byte("transfer-encoding")):
			length = -1
		}
	}
}

func (c *connection) chunks() error {
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if err := c.take(int(size)); err != nil {
			return err
		}
		if _, err := c.reader.Discard(2); err != nil || size == 0 {
			return err
		}
	}
}

func (c *connection) take(size int) error {
	start := len(c.body)
	for cap(c.body) < start+size {
		c.body = append(c.body[:cap(c.body)], 0)
	}
	c.body = c.body[:start+size]
	_, err := io.ReadFull(c.reader, c.body[start:])
	return err
}
