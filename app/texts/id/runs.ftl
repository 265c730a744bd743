### Mengapa sebuah balasan tidak ditulis atau terputus, menurut kode kegagalannya.

rate_limited = Kimi menerima lebih banyak permintaan daripada yang diizinkan akun ini; silakan coba lagi satu menit lagi.
overloaded = Kimi sedang sangat sibuk; silakan coba lagi sebentar lagi.
quota_exhausted = Akun Kimi di server ini kehabisan saldo; minta admin servernya mengisi ulang.
bad_key = Kimi tidak menerima kunci API server ini; minta admin servernya memeriksanya.
permission_denied = Akun Kimi di server ini tidak boleh melakukan ini; minta admin servernya memeriksanya.
content_filtered = Kimi menolak ini karena terlalu berisiko; coba ubah pertanyaannya.
context_too_long = Percakapan ini sudah terlalu panjang untuk modelnya; mulai ruang baru atau pendekkan pesannya.
model_not_found = Model ini tidak tersedia lagi; silakan pilih yang lain.
wrong_address = Alamat yang diatur tidak menjawab seperti API Kimi; minta admin servernya memeriksanya.
bad_request = Kimi tidak bisa membaca permintaan ini; ubah pesannya atau pilih model lain.
server_error = Ada yang gagal di pihak Kimi; silakan coba lagi.
unavailable = Kimi sedang tidak ada sebentar; silakan coba lagi nanti.
gateway_timeout = Kimi terlalu lama menjawab; silakan coba lagi.
closed_on_the_way = Koneksi ke Kimi ditutup di tengah jalan; silakan coba lagi.
unreachable = Server ini tidak bisa menghubungi Kimi; coba lagi, dan beri tahu admin kalau tetap begitu.
timeout = Kimi tidak menjawab tepat waktu; silakan coba lagi.
interrupted = Koneksi ke Kimi terputus sebelum jawabannya lengkap; pilih Lanjutkan untuk meneruskan.
garbled = Sebagian jawaban Kimi tiba dalam keadaan rusak; silakan coba lagi.
no_partial_mode = Jawabannya terputus, dan model ini tidak bisa meneruskan teks; pilih Ulangi untuk jawaban baru.
too_large = Jawaban Kimi lebih besar daripada yang diizinkan; minta yang lebih pendek.
restarted = Server terlalu sering dimulai ulang saat ini ditulis. Lanjutkan, atau coba lagi.
question_deleted = Pesan yang dijawab ini sudah dihapus.
length = Balasan ini sudah mencapai panjang maksimalnya. Minta Kimi meneruskan, atau minta lebih sedikit sekaligus.
no_tools = Model ingin memakai alat, tetapi di sini tidak ada alat. Coba lagi.
tool_rounds = Kimi terus-menerus memakai alat tanpa sampai pada jawaban. Coba lagi, atau minta lebih sedikit sekaligus.
empty = Model tidak menjawab apa-apa. Coba lagi.
