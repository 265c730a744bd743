### Kata-kata server saat menolak sesuatu, dan apa yang sudah dilakukan sebuah formulir.

## Penolakan
broken = Ada yang tidak beres di sini. Silakan coba lagi.
signed-out = Kamu sudah keluar. Masuk lagi untuk melanjutkan.
too-many = Terlalu banyak sekaligus. Sebentar lagi lanjut.
restarting = Server sedang dimulai ulang. Sebentar lagi lanjut.
other-site = Permintaan ini datang dari situs lain dan ditolak.
connections = Terlalu banyak koneksi dari alamatmu. Tutup tab yang lain.
busy = Server sedang sibuk. Nanti dicoba lagi.
too-many-rooms = Koneksi ini mengikuti terlalu banyak ruang.
no-room = Percakapan ini tidak ada. Mungkin sudah dihapus.
no-message = Pesan itu tidak ada di ruang ini.
no-day = Tanggal itu tidak ada. Tulis seperti 2026-11-25.
identifier-taken = Pengenal ini sudah dipakai. Pakai yang baru.
queue-full = Kimi sudah punya { $count } balasan yang harus ditulis di ruang ini. Tunggu salah satunya, atau hentikan satu.
message-deleted = Pesan ini sudah dihapus.
reply-deleted = Balasan ini sudah dihapus. Tanyakan lagi.
answered-deleted = Pesan yang kamu jawab sudah dihapus.
still-writing = Kimi masih menulis balasan ini. Hentikan dulu.
cannot-go-on = Hanya balasan yang dihentikan atau terputus yang bisa dilanjutkan. Coba ulangi saja.
kimi-wrote = Tulisan Kimi tidak bisa diubah. Tanyakan lagi, atau hapus.
not-member = Orang ini tidak ada di ruang. Mungkin sudah keluar.
already-member = Orang ini sudah ada di ruang. Ubah perannya di daftar anggota.
not-below = Itu hanya bisa kamu lakukan pada orang yang perannya di bawahmu. Minta kepada pemilik.
role-lost = Peranmu di ruang ini baru saja berubah. Muat ulang halaman.
you-own-it = Kamu pemilik ruang ini. Serahkan dulu, atau hapus.
room-full = Ruang ini sudah penuh. Keluarkan seseorang dulu.
room-limit = Satu ruang paling banyak { $count } orang.
rooms-limit = Percakapanmu sudah sebanyak yang diizinkan server ini. Hapus satu yang tidak kamu perlukan.
archived = Ruang ini diarsipkan. Kembalikan dulu, atau minta kepada admin.
bad-invite = Undangan ini dicabut, kedaluwarsa, atau sudah habis dipakai. Minta yang baru.
bad-link = Undangan ini dicabut, kedaluwarsa, atau sudah dipakai oleh semua orang yang dituju. Minta yang baru kepada pengirimnya.
invites-limit = Ruang ini punya { $count } undangan yang masih bisa dipakai. Cabut satu dulu.
invite-days = Undangan berlaku paling lama { $days } hari. Pilih yang lebih singkat.
invite-uses = Undangan setidaknya untuk satu orang.
reactions-limit = Satu pesan paling banyak { $count } reaksi yang berbeda. Pakai salah satunya.
one-emoji = Reaksi adalah satu emoji. Pilih satu.
pins-limit = Satu ruang paling banyak { $count } pesan tersemat. Lepas satu dulu.
versions-limit = Ini sudah punya { $count } versi. Lanjutkan dari salah satunya.
pair-exists = Kamu sudah punya percakapan dengan orang ini. Lanjutkan di sana.
only-with-kimi = Percakapan ini hanya antara kamu dan Kimi. Buat grup untuk itu.
only-two = Percakapan ini hanya antara dua orang. Buat grup untuk itu.
only-solo-versions = Hanya dalam percakapan berdua dengan Kimi sebuah pesan bisa punya beberapa versi.
only-own-versions = Hanya pesanmu sendiri yang bisa punya versi lain. Tanyakan lagi kepada Kimi.
solo-has-nobody = Tidak ada orang lain dalam percakapan berdua dengan Kimi. Buat grup.
direct-needs-one = Percakapan langsung adalah dengan satu orang lain. Sebutkan orang lain.
direct-names-one = Sebutkan tepat satu orang untuk percakapan langsung, atau buat grup.
only-owner = Hanya pemilik ruang yang bisa melakukan itu.
only-admins = Hanya admin ruang yang bisa melakukan itu. Minta kepada salah satunya.
only-admins-others = Hanya admin ruang yang bisa melakukan itu pada pesan orang lain. Minta kepada salah satunya.
not-guests = Tamu ruang tidak bisa melakukan itu. Minta kepada admin.
not-guests-others = Tamu ruang tidak bisa melakukan itu pada pesan orang lain. Minta kepada admin.
only-lower-roles = Kamu hanya bisa memberi peran di bawah peranmu. Minta kepada pemilik.
who = Masukkan nama atau alamat email orang yang punya akun di sini.
nobody-called = Tidak ada yang bernama “{ $name }” di sini. Periksa ejaannya, atau pakai alamat emailnya.
several-called = Ada beberapa orang bernama “{ $name }”. Pakai alamat emailnya.
message-too-long = Pesan ini terlalu panjang: paling banyak { $kib } KiB. Pendekkan, atau kirim sebagian-sebagian.
message-empty = Pesan ini kosong. Tulis sesuatu dulu.
topic-too-long = Topik adalah satu baris, paling banyak { $characters } karakter. Pendekkan.
instructions-too-long = Petunjuk paling banyak { $kib } KiB. Pendekkan.
not-on-offer = Model ini tidak tersedia di sini. Pilih salah satu dari daftar.
models-unread = Daftar model sedang tidak bisa dibaca. Coba lagi satu menit lagi.
not-such-thinking = { $model } tidak bisa diminta berpikir seperti itu. Pilih cara lain.
bad-title = Nama terdiri dari 1 sampai { $characters } karakter. Pilih yang lain.
choose-kind = Pilih jenis ruangnya.

## Rumus yang tetap seperti ditulis
formula-too-long = Rumus ini tidak bisa ditampilkan: lebih dari { $kib } KiB. Bagi menjadi beberapa rumus.
formula-too-wide = Rumus ini terlalu lebar untuk satu baris. Tulis di antara $$ dan $$.
formula-too-complicated = Rumus ini tidak bisa ditampilkan: terlalu rumit. Sederhanakan, atau bagi menjadi beberapa rumus.
formula-unknown = Rumus ini tidak bisa ditampilkan: “{ $name }” tidak dikenal di sini.
formula-fault = Rumus ini tidak bisa ditampilkan: { $fault }

## Pemberitahuan
form-unreadable = Formulir ini tidak bisa dibaca
form-unreadable-why = Isinya tidak lengkap. Kembali, muat ulang halaman, lalu coba lagi.
room-gone = Ruang itu tidak ada
invite-unusable = Undangan ini tidak bisa dipakai

## Yang sudah dilakukan formulir
renamed = Ruang ini punya nama baru.
settings-saved = Pengaturan tersimpan.
room-archived = Ruang ini diarsipkan.
room-back = Ruang ini sudah kembali.
choice-saved = Pilihanmu tersimpan.
added = Orang itu sekarang ada di ruang.
removed = Orang itu sudah tidak ada di ruang.
role-saved = Peran tersimpan.
handed-over = Ruang ini sekarang miliknya, dan kamu menjadi admin.
link-made = Tautannya jadi: salin dan kirimkan.
link-revoked = Tautannya tidak bisa dipakai lagi.
unpinned = Pesan itu tidak disematkan lagi.
