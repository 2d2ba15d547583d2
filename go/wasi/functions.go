package wasi

// Function is a function of WASI preview 1. Its place in Functions is its number in
// the data plane (wg_wasi.h).
type Function struct {
	Name string
	// Type is the wasm type as marshal.Shape spells it: w is i32, l is i64.
	Type string
}

// Functions are all of preview 1, in the order of wg_wasi.h. Source: the witx files.
var Functions = []Function{
	{"args_get", "ww>w"},
	{"args_sizes_get", "ww>w"},
	{"clock_res_get", "ww>w"},
	{"clock_time_get", "wlw>w"},
	{"environ_get", "ww>w"},
	{"environ_sizes_get", "ww>w"},
	{"fd_advise", "wllw>w"},
	{"fd_allocate", "wll>w"},
	{"fd_close", "w>w"},
	{"fd_datasync", "w>w"},
	{"fd_fdstat_get", "ww>w"},
	{"fd_fdstat_set_flags", "ww>w"},
	{"fd_fdstat_set_rights", "wll>w"},
	{"fd_filestat_get", "ww>w"},
	{"fd_filestat_set_size", "wl>w"},
	{"fd_filestat_set_times", "wllw>w"},
	{"fd_pread", "wwwlw>w"},
	{"fd_prestat_dir_name", "www>w"},
	{"fd_prestat_get", "ww>w"},
	{"fd_pwrite", "wwwlw>w"},
	{"fd_read", "wwww>w"},
	{"fd_readdir", "wwwlw>w"},
	{"fd_renumber", "ww>w"},
	{"fd_seek", "wlww>w"},
	{"fd_sync", "w>w"},
	{"fd_tell", "ww>w"},
	{"fd_write", "wwww>w"},
	{"path_create_directory", "www>w"},
	{"path_filestat_get", "wwwww>w"},
	{"path_filestat_set_times", "wwwwllw>w"},
	{"path_link", "wwwwwww>w"},
	{"path_open", "wwwwwllww>w"},
	{"path_readlink", "wwwwww>w"},
	{"path_remove_directory", "www>w"},
	{"path_rename", "wwwwww>w"},
	{"path_symlink", "wwwww>w"},
	{"path_unlink_file", "www>w"},
	{"poll_oneoff", "wwww>w"},
	{"proc_exit", "w>"},
	{"proc_raise", "w>w"},
	{"random_get", "ww>w"},
	{"sched_yield", ">w"},
	{"sock_accept", "www>w"},
	{"sock_recv", "wwwwww>w"},
	{"sock_send", "wwwww>w"},
	{"sock_shutdown", "ww>w"},
}

// Find gives the number of a function, -1 if there is none of that name and type.
func Find(name, shape string) int {
	for i, f := range Functions {
		if f.Name == name && f.Type == shape {
			return i
		}
	}
	return -1
}
